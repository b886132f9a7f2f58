# Default mode: an answer's programs, loaded one after the other until one runs.

const TEST_MACROS = Symbol.([
    "@test", "@testset", "@test_throws", "@test_broken", "@test_skip", "@test_logs", "@test_warn", "@test_nowarn",
])

"All top-level expressions of a program, or the parser's error; code keeps the lines of the file it is said to be from."
function parseprogram(code, filename)
    parsed = isdefined(Meta, :parseall) ? Meta.parseall(code; filename = filename) :
             Base.parse_input_line(code; filename = filename)
    parsed === nothing && return Any[]
    expressions = Meta.isexpr(parsed, :toplevel) ? parsed.args : Any[parsed]
    for expression in expressions
        Meta.isexpr(expression, (:error, :incomplete)) || continue
        reason = expression.args[1]
        return reason isa Exception ? reason : Meta.ParseError(string(reason))
    end
    return expressions
end

"The name in a macro's call or definition: of `@test`, `Test.@test` or `test(arguments...)`."
macroname(name::Symbol) = name
macroname(name::QuoteNode) = macroname(name.value)
macroname(name::Expr) = macroname(Meta.isexpr(name, :call) ? first(name.args) : last(name.args))
macroname(name::GlobalRef) = name.name
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

# Modules that the fork server made ready, by their imports: every child finds a copy of its own, still untouched.
const READY = Dict{Vector{String},Module}()

"A module to load a program into, made ready before if possible."
emptymodule(imports) = haskey(READY, imports) ? pop!(READY, imports) : freshmodule(imports)

"Load the first program that parses and runs; return its module, or nothing."
function load(report, request)
    for (number, program) in enumerate(request.programs)
        expressions = parseprogram(program, "answer")
        if expressions isa Exception
            report("parse_error", number, parseline(expressions), message(expressions))
            continue
        end
        report("parsed", number)
        flush(report)
        sandbox = emptymodule(request.imports)
        try
            Core.eval(sandbox, Expr(:toplevel, map(withouttests, expressions)...))
            report("executed", number)
            return sandbox
        catch error
            report("load_error", number, kind(error), answerline(error, catch_backtrace()), message(error))
        end
    end
    return nothing
end

"The first import that this Julia cannot load, or nothing."
function missingimport(imports)
    for name in imports
        try
            Core.eval(Main, Meta.parse("import $name"))
        catch
            return name
        end
    end
    return nothing
end
