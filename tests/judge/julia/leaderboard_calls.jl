# Calls functions of `Leaderboard` for tests/judge/julia/test_leaderboard.py.
#
# A call is a list of strings, the function's name first, and so is its result. On standard input and output a
# list is its length on a line, then for every string its length in bytes on a line and the bytes.

using Test

const SOURCES = joinpath(@__DIR__, "..", "..", "..", "src", "slingshot", "judge", "julia")
include(joinpath(SOURCES, "leaderboard.jl"))
include(joinpath(SOURCES, "compat.jl"))
using .Leaderboard: codeblocks, fallbackblocks, functionname, isjuliacode, load, piece, removeunsafe, spliced

const KNOWN = Set(["Dates", "Statistics"])

"What became of an answer: flags, the module's code, the stages that were announced."
function loadedtest(answer, name, from, imports...)
    stages = String[]
    stage(words...) = push!(stages, join(words, ' '))
    loaded = load(answer, name, imports; stage = stage, from = parse(Int, from))
    return [string(loaded.parsed), string(loaded.executed), loaded.code, join(stages, ", ")]
end

"What a piece is for an answer's module, and whether it runs there."
function piecetest(answer, code, early)
    sandbox = load(answer, "name", []).sandbox
    # As the judge calls it: between the set-up and the tear-down, here both empty.
    prepared = try
        piece(sandbox, "\n\n$code\n\n"; early = early == "early")
    catch error
        return ["not parsed", string(typeof(error))]
    end
    kind = prepared isa String ? "text" : "expression"
    try
        prepared isa String ? include_string(sandbox, prepared) : Core.eval(sandbox, prepared)
        return [kind, "passed"]
    catch error
        return [kind, "failed"]
    end
end

const CALLS = Dict(
    "codeblocks" => codeblocks,
    "fallbackblocks" => fallbackblocks,
    "isjuliacode" => block -> [string(isjuliacode(block))],
    "functionname" => block -> [something(functionname(block), "none")],
    "oldname" => block -> [something(functionname(block; oldnames = true), "none")],
    "removeunsafe" => code -> [removeunsafe(code, KNOWN)],
    "spliced" => code -> [spliced(code)],
    "load" => loadedtest,
    "piece" => piecetest,
    "repr" => code -> [repr(include_string(Module(), code))],
)

readlist() = [String(read(stdin, parse(Int, readline()))) for _ in 1:parse(Int, readline())]

function main()
    # What an answer prints must not get among the results.
    results = fdio(ccall(:dup, Cint, (Cint,), 1))
    redirect_stdout(open("/dev/null", "w"))
    while !eof(stdin)
        name, arguments = Iterators.peel(readlist())
        result = CALLS[name](arguments...)
        println(results, length(result))
        foreach(text -> print(results, ncodeunits(text), '\n', text), result)
        flush(results)
    end
end

main()
