# How the public Julia LLM Leaderboard prepares and runs an answer, reproduced to the byte.
#
# Its results can only be compared with ours when an answer meets the same treatment, oddities included: which
# fences count, which lines are dropped, what happens to code with docstrings. This file follows the
# leaderboard's version 0.4.0 and the versions 0.10 to 0.91 of PromptingTools.jl. Two things changed in their
# course, and recordings from before are judged in the old way on request: `oldnames` and `early`.
# Read it from top to bottom: an answer becomes blocks, blocks become a program, a program becomes a module,
# and the test case's examples and unit tests become pieces to run in that module.
#
# Deadlines, memory limits and captured output are the caller's affair. Runs on Julia 1.5 and later.

module Leaderboard

using Test

# ---------------------------------------------------------------------------------------------------------
# Blocks: the code inside an answer
# ---------------------------------------------------------------------------------------------------------

const OPENERS = ("```julia\n", "```julia ")
const OPENER_BYTES = 9

"All byte positions at which `part` begins in `text`; overlapping ones count."
function positions(part::String, text::String)
    found = Int[]
    next = findfirst(part, text)
    while next !== nothing
        push!(found, first(next))
        next = findnext(part, text, nextind(text, first(next)))
    end
    return found
end

"""
    codeblocks(answer) -> Vector{String}

The blocks between "```julia" fences, in document order, without prompts and surrounding whitespace.

A block begins wherever an opener stands, even within a line. Blocks are closed from the last to the first,
each by the first closing fence behind its opener that is still free, where fences alone on their line are
all tried before the others, however far they are. Of nested blocks only the outermost is kept.
"""
function codeblocks(answer::String)
    starts = sort!(vcat((positions(opener, answer) for opener in OPENERS)...))
    ends = unique!(vcat(positions("\n```\n", answer), positions("\n```", answer)))
    pairs = Tuple{Int,Int}[]
    for start in reverse(starts)
        nearest = findfirst(finish -> finish > start, ends)
        nearest === nothing && continue
        push!(pairs, (start, ends[nearest]))
        deleteat!(ends, nearest)
    end
    isnested((start, finish)) = any(outer -> outer[1] < start && finish < outer[2], pairs)
    outermost = reverse!(filter(!isnested, pairs))
    return String[tidy(answer[start+OPENER_BYTES:prevind(answer, finish)]) for (start, finish) in outermost]
end

"""
    fallbackblocks(answer) -> Vector{String}

The texts between bare fences, for answers without a "```julia" fence. Every fence both ends a block and
begins the next, so that the prose between two blocks becomes a block as well.
"""
function fallbackblocks(answer::String)
    fences = positions("\n```\n", answer)
    atstart = startswith(answer, "```\n")
    isempty(fences) && !atstart && return String[]
    # A fence in the very first line lacks the line break before it: as if it began at byte 0.
    edges = atstart ? pushfirst!(fences, 0) : fences
    endswith(answer, "\n```") && push!(edges, ncodeunits(answer) - 3)
    return String[tidy(answer[edge+5:prevind(answer, next)]) for (edge, next) in zip(edges, edges[2:end])]
end

"A block without surrounding whitespace and prompts."
tidy(block) = String(removeprompt(String(strip(block))))

"""
If any line begins with a prompt, `julia> ` or `> `: the lines that do, all occurrences of the prompt taken
out of them, and the indented lines that follow them. All others are output, and go.
"""
function removeprompt(block::String)
    occursin(r"^(julia)?> "m, block) || return block
    kept = IOBuffer()
    incode = false
    for line in split(block, '\n')
        prompt = startswith(line, "julia> ") ? "julia> " : startswith(line, "> ") ? "> " : nothing
        if prompt !== nothing
            println(kept, replace(line, prompt => ""))
            incode = true
        elseif incode && startswith(line, " ")
            println(kept, line)
        else
            incode = false
        end
    end
    return strip(String(take!(kept)))
end

"""
    parseall(code) -> Expr

The `:toplevel` expression of a program, as `Meta.parseall` of Julia 1.6 and later gives it. If the program
cannot be parsed, its last argument is an `:error` or `:incomplete` expression.
"""
function parseall(code::String)
    parsed = try
        isdefined(Meta, :parseall) ? Meta.parseall(code) : Base.parse_input_line(code)
    catch error
        # Ten thousand open brackets overflow the parser's stack.
        Expr(:error, error)
    end
    Meta.isexpr(parsed, :toplevel) && return parsed
    # An older parser returns a broken program's error bare, and nothing at all for an empty one.
    return parsed === nothing ? Expr(:toplevel) : Expr(:toplevel, parsed)
end

"Whether a program's parsed form ends without an error."
isparsed(program::Expr) = isempty(program.args) || !Meta.isexpr(program.args[end], (:error, :incomplete))

# A struct, a module, `using X` or `const x = 1` is not among them: a block with nothing else is not code.
const CODE_HEADS = [
    :block, :quote, :call, :macrocall, :(=), :function, :for, :if, :while, :let, :try, :catch, :finally,
    :method, :tuple, :array, :index, :ref, :., :do, :curly, :typed_vcat, :typed_hcat, :comprehension,
    :generator, :kw, :where,
]

"Whether a block parses, and at least one of its top-level expressions has the look of code."
function isjuliacode(block::String)
    program = parseall(block)
    return isparsed(program) && any(expression -> Meta.isexpr(expression, CODE_HEADS), program.args)
end

# A definition in the long and in the short form, at the beginning of any line. Until PromptingTools 0.12 the
# long form was found anywhere, even in a comment, and the short one only at the very beginning of the block.
const DEFINITIONS = (r"^\s*function\s+([\w\.\_]+)\("m, r"^\s*([\w\.\_]+)\(.*\)\s*="m)
const OLD_DEFINITIONS = (r"function\s+(\w+)\(", r"^(\w+)\(.*\)\s*=")

"""
    functionname(block; oldnames = false) -> String or nothing

The function that a block defines first, by its text; the long form counts before the short one. `oldnames`
is for recordings with a `version_pt` before 0.13: all those made before 2024-02-10.
"""
function functionname(block::String; oldnames::Bool = false)
    for definition in (oldnames ? OLD_DEFINITIONS : DEFINITIONS)
        found = match(definition, block)
        found === nothing || return String(found.captures[1])
    end
    return nothing
end

# ---------------------------------------------------------------------------------------------------------
# Programs: blocks without the lines that need packages
# ---------------------------------------------------------------------------------------------------------

const STANDARD_LIBRARIES = split("""
    ArgTools Artifacts Base64 CRC32c Dates DelimitedFiles Distributed Downloads FileWatching Future
    InteractiveUtils LazyArtifacts LibCURL LibGit2 Libdl LinearAlgebra Logging Markdown Mmap NetworkOptions
    Pkg Printf Profile REPL Random SHA Serialization SharedArrays Sockets SparseArrays Statistics SuiteSparse
    TOML Tar Test UUIDs Unicode""")

# The packages of the leaderboard's own project.
const PROJECT = split("""
    AlgebraOfGraphics CairoMakie DataFrames DataFramesMeta HTTP JSON3 JuliaLLMLeaderboard MarkdownTables
    OpenAI Preferences ProgressMeter PromptingTools""")

# What those pull in. These names are known, so the line stays; but only the project's own packages can be
# imported, so the answer fails there. A package that nobody has does less harm to a score than one of these.
# No manifest was published with the results: the list is put together from the packages' dependencies.
const INDIRECT = split("""
    AbstractTrees CategoricalArrays Chain Colors Compat Crayons DataAPI DataStructures Dictionaries
    Distributions DocStringExtensions FileIO FilePathsBase Formatting GLM InlineStrings Interpolations
    IntervalSets InvertedIndices IterTools JSON Loess MacroTools Makie Missings OpenSSL
    OrderedCollections Parsers Polynomials PooledArrays PrettyTables Reexport Requires SimpleTraits
    SortingAlgorithms SpecialFunctions StaticArrays StatsBase StringManipulation StructArrays StructTypes
    Tables URIs Unitful""")

"""
The names that an answer may import, as the leaderboard's environment knew them: packages, and whatever Base
exports. It matters which: a line that imports any other name is dropped as a whole.
"""
const KNOWN = Set{String}(vcat(
    STANDARD_LIBRARIES, PROJECT, INDIRECT, ["Base", "Core", "Main"], string.(names(Base)),
))

"""
The names in the `using` and `import` statements of a text, found by the leaderboard's rule: those of
`X: a, b` are `X` and `b`, those of `X as Y` are `X`, `as` and `Y`; indented statements are not seen, nor is
Base.
"""
function importednames(code::AbstractString)
    imported = String[]
    for line in split(code, '\n')
        occursin(r"(^using |^import )"m, line) || continue
        statement = replace(replace(line, "using" => ""), "import" => "")
        for part in split(statement, ','), name in split(first(split(part, ':')), ' '; keepempty = false)
            startswith(name, "Base") || startswith(name, "Main") || push!(imported, name)
        end
    end
    return imported
end

"Whether a text calls the package manager or imports a name that is not known."
function isunsafe(code::AbstractString, known)
    return occursin(r"^\s*\bPkg.[a-z]"ms, code) || !issubset(importednames(code), known)
end

"""
    removeunsafe(code, known) -> String

The lines of a program, each ended by a line break, without those that call the package manager or import a
name that is not `known`.
"""
function removeunsafe(code::String, known)
    return join(line * '\n' for line in eachline(IOBuffer(code)) if !isunsafe(line, known))
end

"""
    program(answer, name, run; oldnames = false) -> String

What the leaderboard tries to run. At its first run all blocks that are code, one below the other; at its
second, if the first did not succeed, the first block that defines the function `name`, or else all blocks.
"""
function program(answer::String, name::String, run::Int; oldnames::Bool = false)
    blocks = codeblocks(answer)
    isempty(blocks) && (blocks = fallbackblocks(answer))
    run == 1 && return join(filter(isjuliacode, blocks), '\n')
    defines(block) = functionname(block; oldnames = oldnames) == name && isjuliacode(block)
    definition = findfirst(defines, blocks)
    return definition === nothing ? join(blocks, "\n\n") : blocks[definition]
end

# ---------------------------------------------------------------------------------------------------------
# Modules: a program, run
# ---------------------------------------------------------------------------------------------------------

"""
What came of an answer's program.

Fields: `parsed` and `executed` as the leaderboard records them; `sandbox`, the module in which it ran, if it
ran through; `code`, the program without dropped lines; `error`, as it was thrown, mostly a `LoadError` that
names the line of `code`, or `nothing`.
"""
struct Loaded
    parsed::Bool
    executed::Bool
    sandbox::Union{Module,Nothing}
    code::String
    error::Any
end

const RUNS = 2
const TEST_MACROS = Symbol.(["@test", "@testset", "@test_throws"])

istest(expression) = Meta.isexpr(expression, :macrocall) && expression.args[1] in TEST_MACROS

"A top-level expression of an answer as it is evaluated: without its own tests, and without absent packages."
prepared(expression) = expression
prepared(expression::Expr) = istest(expression) ? Expr(:block) : skipabsent!(removetests!(expression))

"Take `@test`, `@testset` and `@test_throws` out of an expression at any depth; `Test.@test` stays."
function removetests!(expression::Expr)
    filter!(!istest, expression.args)
    foreach(part -> part isa Expr && removetests!(part), expression.args)
    return expression
end

"""
Take the packages out of `using` and `import` statements that could be imported on the leaderboard and cannot
here. What an answer does with them still fails, but most import a package and never use it.
"""
function skipabsent!(expression::Expr)
    if expression.head in (:using, :import)
        filter!(path -> !isabsent(rootname(path)), expression.args)
        isempty(expression.args) && (expression.head = :block)
    else
        foreach(part -> part isa Expr && skipabsent!(part), expression.args)
    end
    return expression
end

"The first name in what is imported: `X` of `X`, `X.Y`, `X: a` and `X as Y`."
rootname(path::Expr) = rootname(first(path.args))
rootname(name) = name

function isabsent(name)
    text = string(name)
    return (text in PROJECT || text in STANDARD_LIBRARIES) && Base.identify_package(text) === nothing
end

"""
    spliced(code) -> String

A program as a string literal, the leaderboard's way: on one line between triple quotes, with backslashes,
line breaks and dollar signs escaped, but not quotes.

So the literal of a program that has triple quotes itself ends at the first of them. What follows is read as
code: nearly always a parse error, which is why answers with docstrings seldom score.
"""
spliced(code::String) = string("\"\"\"", escape_string(code, ('$',)), "\"\"\"")

"The text of the module in which a program runs."
function moduletext(name, code::String, imports)
    prefix = isempty(imports) ? "" : "using " * join(imports, ", ")
    # The original imports PromptingTools here, for the function that is `prepared` with us.
    return """
    module $name
    using Test
    $prefix
    include_string($(@__MODULE__).prepared, $name,$(spliced(code)), "__code_string_eval")

    end"""
end

"The error inside one `LoadError`, as the leaderboard looks at it."
unwrapped(error) = error
unwrapped(error::LoadError) = error.error

"Whether an error at run time counts as not parsed. Errors of lowering do, such as a `break` outside a loop."
isparseerror(error) = error isa Meta.ParseError
isparseerror(error::ErrorException) = startswith(error.msg, "syntax:")

"Run one program in a new module; call `announce()` when it is known to have parsed and before it is run."
function attempt(program::String, imports, announce)
    code = removeunsafe(program, KNOWN)
    failed(parsed, error) = Loaded(parsed, false, nothing, code, error)
    isempty(code) && return failed(false, ErrorException("no code"))
    # Line by line nothing of this kind is left, but `Pkg` at the end of a line makes a match with the next.
    isunsafe(code, KNOWN) && return failed(false, ErrorException("package manager or unknown package"))
    # The text around the program is parsed only if the program itself was: both must go through.
    bare = parseall(code)
    isparsed(bare) || return failed(false, parseerror(bare))
    name = replace(string(gensym("SafeMod")), "#" => "")
    text = parseall(moduletext(name, code, imports))
    isparsed(text) || return failed(false, parseerror(text))
    announce()
    try
        return Loaded(true, true, Core.eval(Main, text), code, nothing)
    catch error
        return failed(!isparseerror(unwrapped(error)), error)
    end
end

"The error in the parsed form of a broken program."
function parseerror(broken::Expr)
    reason = first(broken.args[end].args)
    return reason isa Exception ? reason : Meta.ParseError(string(reason))
end

"""
    load(answer, name, imports; stage, from = 1, oldnames = false) -> Loaded

Run an answer in a new module, as the leaderboard does: once, and if that does not succeed a second time with
less of it (see `program`). The last run is the one that counts. `name` is the test case's, `imports` are the
packages that it provides, `oldnames` is explained at `functionname`.

`stage(:parsed, run)` is called when a run is known to have parsed, before anything of it is executed: a run
that is killed at its deadline counts as parsed. If that was run 1, go on in a new process with `from = 2`.
"""
function load(
    answer::String, name::String, imports;
    stage = (words...) -> nothing, from::Int = 1, oldnames::Bool = false,
)
    code = program(answer, name, from; oldnames = oldnames)
    loaded = attempt(code, imports, () -> stage(:parsed, from))
    (loaded.executed || from == RUNS) && return loaded
    return load(answer, name, imports; stage = stage, from = from + 1, oldnames = oldnames)
end

# ---------------------------------------------------------------------------------------------------------
# Pieces: examples and unit tests in the answer's module
# ---------------------------------------------------------------------------------------------------------

"""
    piece(sandbox, code; early = false) -> String or Expr

What is to be evaluated in `sandbox` for one example or unit test, `code` with the set-up before it and the
tear-down after it, each two line breaks away: nearly always that text itself.

Until 2024-08-12 (`early`) pieces went through the same quoting as programs. One with triple quotes then
becomes either something else altogether, returned as the expression that the leaderboard evaluated, or
nothing that can be parsed: then a `Meta.ParseError` is thrown, and the piece fails.
"""
function piece(sandbox::Module, code::String; early::Bool = false)
    # Since then quotes are escaped as well, and the literal means the code again, character by character.
    early || return code
    text = parseall("include_string(identity, $sandbox,$(spliced(code)), \"__code_string_eval_additive\")\n")
    isparsed(text) || throw(parseerror(text))
    statements = filter(part -> !(part isa LineNumberNode), text.args)
    inclusion = first(statements)
    plain = length(statements) == 1 && Meta.isexpr(inclusion, :call, 5) && inclusion.args[4] isa String
    return plain ? inclusion.args[4] : text
end

end
