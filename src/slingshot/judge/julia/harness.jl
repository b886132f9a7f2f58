# Judging one answer: load it into a fresh module, run examples and unit tests there, and report each finding as it
# comes. Started in one of two ways: `serve` (forkserver.jl) forks a child for every answer, `judgeonce` judges one
# and ends.

module Harness

using Test, Random

include("linux.jl")
include("compat.jl")
include("leaderboard.jl")

using .Linux

include("wire.jl")
include("errors.jl")
include("loading.jl")
include("pieces.jl")
include("piracy.jl")
include("leaves.jl")
include("forkserver.jl")

# Functions that others call on every occasion: a method for foreign types there reaches every test.
const PROTOCOLS = [
    "iterate", "length", "size", "axes", "getindex", "keys", "convert", "promote_rule", "hash", "show", "print",
    "eltype", "similar", "copy", "firstindex", "lastindex", "isempty",
]

"Judge one request; what is found goes to the report."
function judge(report, request, baseline)
    report("ready", VERSION)
    flush(report)
    Random.seed!(1)  # an answer that draws numbers draws the same ones whenever it is judged
    name = missingimport(request.imports)
    name === nothing || return (report("unavailable", name); flush(report))
    sandbox = request.mode == "leaderboard" ? leaderboardload(report, request) : load(report, request)
    if sandbox !== nothing
        watchman = Watchman(baseline, baseline.world, true, Set{String}())
        trusted = inspect!(watchman, report, request, sandbox)
        pieces = [("example", number, code) for (number, code) in enumerate(request.examples)]
        append!(pieces, [("unit_test", number, code) for (number, code) in enumerate(request.unittests)])
        for (label, number, code) in pieces
            "$label $number" in request.skipped && continue
            report("begin", label, number)
            flush(report)
            failure = request.mode == "leaderboard" ? leaderboardpiece(request, sandbox, code) :
                      runpiece(sandbox, code, request.reference)
            trusted = inspect!(watchman, report, request, sandbox)
            if failure === nothing
                report(label, number, trusted ? "passed" : "untrusted")
            else
                error, backtrace = failure
                report(label, number, kind(error) == "memory" ? "memory" : "failed", answerline(error, backtrace), message(error))
            end
        end
    end
    report("done")
    return flush(report)
end

"What was seen of an answer's intrusions so far, so that only a changed world is inspected again."
mutable struct Watchman
    baseline::Baseline
    world::UInt
    trusted::Bool           # whether unit tests still mean what they say
    known::Set{String}
end

"Report new intrusions; whether unit tests still mean what they say."
function inspect!(watchman, report, request, sandbox)
    worldcounter() == watchman.world && return watchman.trusted
    watchman.world = worldcounter()
    for intrusion in intrusions(watchman.baseline, sandbox)
        intrusion.name in watchman.known && continue
        push!(watchman.known, intrusion.name)
        report("piracy", intrusion.guarded ? "guarded" : intrusion.override ? "override" : "extension", intrusion.name)
        name = first(split(intrusion.name, '('))
        decisive = intrusion.override || name in PROTOCOLS || any(code -> occursin(name, code), request.unittests)
        (intrusion.guarded || (request.mode == "default" && decisive)) && (watchman.trusted = false)
    end
    return watchman.trusted
end

"Load an answer as the leaderboard did; return its module, or nothing."
function leaderboardload(report, request)
    from = "load 1" in request.skipped ? 2 : 1
    run = Ref(from)
    stage = (_, number) -> (run[] = number; report("parsed", number); report("begin", "load", number); flush(report))
    loaded = Leaderboard.load(only(request.programs), request.name, request.imports;
        stage = stage, from = from, oldnames = request.oldnames)
    loaded.executed && (report("executed", run[]); return loaded.sandbox)
    line = answerline(loaded.error, Any[])
    loaded.parsed || (report("unparsed"); report("parse_error", run[], line, message(loaded.error)); return nothing)
    report("load_error", run[], kind(loaded.error), line, message(loaded.error))
    return nothing
end

"Run a piece as the leaderboard did: what the answer's module calls `==` is `==`."
function leaderboardpiece(request, sandbox, code)
    code = try
        Leaderboard.piece(sandbox, code; early = request.early)
    catch error
        return error, Any[]
    end
    return runpiece(sandbox, code, nothing)
end

"Judge the one request that comes in; the other side keeps the deadline."
function judgeonce(input, output)
    baseline = Baseline([Test, Harness])
    message = readmessage(input)
    secret = readexactly(input, SECRET_LENGTH)
    closefd(input)
    request = Request(message)
    confine(request, ceil(Int, cputime(getpid())))
    judgeandend(Report(output, secret), request, baseline)
end

"Judge and end this process; an error of ours is reported as ours, and never counts against the answer."
function judgeandend(report, request, baseline)
    try
        judge(report, request, baseline)
    catch error
        report("broken", message(error))
        flush(report)
    end
    quit(0)
end

end

let (way, input, output) = (ARGS[1], parse(Int, ARGS[2]), parse(Int, ARGS[3]))
    way == "once" ? Harness.judgeonce(input, output) : Harness.serve(input, output, way == "serve-sandboxed")
end
