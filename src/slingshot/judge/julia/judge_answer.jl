# Judges one answer: loads it into a fresh module, runs examples and unit tests there, and reports each
# finding as it comes.
#
# Standard input carries fields, each its length in bytes on a line of its own and then the bytes: a
# secret, the imports (one a line), the candidate programs, the examples, the unit tests. Lists are a
# count and then that many fields. Findings go to the original standard output, every line begun with the
# secret, which no answer has seen: what an answer prints goes to /dev/null and can forge nothing by accident.

module Judge

using Test

const TEST_MACROS = Symbol.([
    "@test", "@testset", "@test_throws", "@test_broken", "@test_skip", "@test_logs", "@test_warn", "@test_nowarn",
])
const LONGEST_MESSAGE = 300

readfield(io::IO) = String(read(io, parse(Int, readline(io))))
readlist(io::IO) = [readfield(io) for _ in 1:parse(Int, readline(io))]

"Where findings go: `report(kind, words...)` writes one line and flushes it."
struct Report
    io::IO
    secret::String
end

function (report::Report)(words...)
    println(report.io, report.secret, ' ', join(words, ' '))
    flush(report.io)
end

"An error's message on one line, cut to a readable length."
function message(error)
    error isa LoadError && return message(error.error)
    text = try
        error isa Test.Result ? join(split(sprint(show, error)), ' ') : sprint(showerror, error)
    catch
        string(typeof(error))
    end
    return first(escape_string(text), LONGEST_MESSAGE)
end

"Whether memory ran out; a test that threw keeps the text of its exception only."
ranout(error) = error isa OutOfMemoryError
ranout(error::LoadError) = ranout(error.error)
ranout(error::Test.Error) = occursin("OutOfMemoryError", error.value)

"All top-level expressions of a program, or a message that says why it cannot be parsed."
function parseprogram(code::String)
    parsed = isdefined(Meta, :parseall) ? Meta.parseall(code; filename = "answer") :
             Base.parse_input_line(code; filename = "answer")
    parsed === nothing && return Any[]
    expressions = Meta.isexpr(parsed, :toplevel) ? parsed.args : Any[parsed]
    for expression in expressions
        if Meta.isexpr(expression, (:error, :incomplete))
            return first(escape_string(string(expression.args[1])), LONGEST_MESSAGE)
        end
    end
    return expressions
end

"The name in a macro's call or definition: of `@test`, `Test.@test` or `test(arguments...)`."
macroname(name::Symbol) = name
macroname(name::QuoteNode) = macroname(name.value)
macroname(name::Expr) = macroname(Meta.isexpr(name, :call) ? first(name.args) : last(name.args))
macroname(other) = nothing

"The expression without tests of the answer's own: they must neither help nor harm it."
withouttests(other) = other
function withouttests(expression::Expr)
    Meta.isexpr(expression, :macrocall) && macroname(expression.args[1]) in TEST_MACROS && return nothing
    Meta.isexpr(expression, :macro) && Symbol("@", macroname(expression.args[1])) in TEST_MACROS && return nothing
    return Expr(expression.head, map(withouttests, expression.args)...)
end

"A new module with `Test` and the imports of the test case."
function freshmodule(imports)
    sandbox = Core.eval(Main, Expr(:module, true, gensym(:Answer), Expr(:block)))
    Core.eval(sandbox, :(using Test))
    # Named, so that an answer cannot put a macro of its own in the place of these.
    Core.eval(sandbox, :(using Test: @test, @testset, @test_throws))
    foreach(name -> Core.eval(sandbox, Meta.parse("using $name")), imports)
    return sandbox
end

"Load the first program that parses and runs; return its module, or nothing."
function load(report::Report, programs, imports)
    for (number, program) in enumerate(programs)
        expressions = parseprogram(program)
        if expressions isa String
            report("parse_error", number, expressions)
            continue
        end
        report("parsed", number)
        sandbox = freshmodule(imports)
        try
            Core.eval(sandbox, Expr(:toplevel, map(withouttests, expressions)...))
            report("executed", number)
            return sandbox
        catch error
            report("load_error", number, ranout(error) ? "memory" : "error", message(error))
        end
    end
    return nothing
end

"A test set that keeps what did not pass. The stock one throws the reason away, and symbolizes backtraces."
struct Failures <: Test.AbstractTestSet
    description::String
    found::Vector{Any}
end
Failures(description; options...) = Failures(description, [])
Test.record(set::Failures, result) = (push!(set.found, result); result)
Test.record(set::Failures, result::Union{Test.Pass,Test.Broken}) = result
Test.record(set::Failures, nested::Failures) = append!(set.found, nested.found)
Test.finish(set::Failures) = (Test.get_testset_depth() > 0 && Test.record(Test.get_testset(), set); set)

"Run one example or unit test in the answer's module; it passes when nothing is thrown and no test fails."
function runpiece(report::Report, kind, number, sandbox, code)
    failures = @testset Failures begin
        try
            include_string(sandbox, code, "$kind $number")
        catch error
            Test.record(Test.get_testset(), error)
        end
    end
    isempty(failures.found) && return report(kind, number, "passed")
    report(kind, number, ranout(failures.found[1]) ? "memory" : "failed", message(failures.found[1]))
end

"The first import that this Julia cannot load, or nothing."
function missingimport(imports)
    for name in imports
        try
            Core.eval(Module(), Meta.parse("import $name"))
        catch
            return name
        end
    end
    return nothing
end

function main()
    # The findings leave on a duplicate of standard output; what the answer prints does not.
    findings = fdio(ccall(:dup, Cint, (Cint,), 1))
    silence = open("/dev/null", "w")
    secret = readfield(stdin)
    imports = filter(!isempty, split(readfield(stdin), '\n'))
    programs, examples, unittests = readlist(stdin), readlist(stdin), readlist(stdin)
    redirect_stdout(silence)
    redirect_stderr(silence)
    report = Report(findings, secret)
    report("ready", VERSION)
    name = missingimport(imports)
    name === nothing || return report("unavailable", name)
    sandbox = load(report, programs, imports)
    if sandbox !== nothing
        for (kind, pieces) in (("example", examples), ("unit_test", unittests)), (number, code) in enumerate(pieces)
            runpiece(report, kind, number, sandbox, code)
        end
    end
    return report("done")
end

end

Judge.main()
