# Examples and unit tests: pieces of code that run in the answer's module, where nothing the answer did may decide
# what counts as passed.
#
# `@test` and its kin are replaced by calls to closures of ours, put into the code as values: Test's own functions
# can be overwritten, and its stack of test sets is within everybody's reach. Their reports are slow besides.

"A test that did not pass: thrown to end its piece."
struct Failed <: Exception
    message::String
end

"What a piece's tests found. It has no name that an answer could use."
mutable struct Outcome
    sandbox::Module
    strict::Bool        # whether equality is the judge's affair, or what the answer says it is
    failure::Union{Failed,Nothing}
end

"Put the failure down before it is thrown: a piece that catches what is thrown has failed all the same."
function fail(outcome, words...)
    outcome.failure === nothing && (outcome.failure = Failed(string(words...)))
    throw(outcome.failure)
end

"The check that replaces `@test`: what the test's code gave must be true. `values` say more if it is false."
checktest(outcome, code) = function (result, values...)
    result === true && return nothing
    result === false || fail(outcome, brief(code), " gives no true or false but ", shortrepr(result))
    fail(outcome, brief(code), " is false", isempty(values) ? "" : ": ", join(map(shortrepr, values), " $(operatorof(code)) "))
end

operatorof(code) = Meta.isexpr(code, :call) ? code.args[1] : Meta.isexpr(code, :comparison) ? code.args[2] : ""

"The check that replaces `@test_throws`: `caught` is what was thrown, or nothing."
checkthrows(outcome, code) = function (expected, caught)
    caught === nothing && fail(outcome, brief(code), " threw nothing")
    expectation(expected, caught[]) && return nothing
    fail(outcome, brief(code), " threw ", shortrepr(caught[]))
end

"Whether an exception is the one that a test expects: a type, an equal exception, a part of its message."
expectation(expected::Type, error) =
    error isa expected || (error isa LoadError && expected !== LoadError && error.error isa expected)
expectation(expected::Exception, error) =
    typeof(error) === typeof(expected) &&
    all(isequal(getfield(expected, name), getfield(error, name)) for name in fieldnames(typeof(expected)))
expectation(expected::Union{AbstractString,Regex}, error) = occursin(expected, sprint(showerror, error))
expectation(expected::AbstractVector{<:AbstractString}, error) = all(part -> expectation(part, error), expected)
expectation(expected::Function, error) = Base.invokelatest(expected, sprint(showerror, error)) === true
expectation(expected, error) = false

"A value as a test's message shows it."
shortrepr(value) = try
    first(repr(value; context = :limit => true), LONGEST_MESSAGE ÷ 2)
catch
    string("a value of type ", nameof(typeof(value)))
end

"The code with its tests replaced by checks; names of Base that the answer took for itself mean Base's again."
checked(other, outcome, base) = other
checked(name::Symbol, outcome, base) = name in base ? GlobalRef(Base, name) : name
function checked(code::Expr, outcome, base)
    if Meta.isexpr(code, :macrocall)
        name = macroname(code.args[1])
        arguments = Any[argument for argument in code.args[3:end]]
        name === Symbol("@test") && return checkedtest(arguments, outcome, base)
        name === Symbol("@test_throws") && return checkedthrows(arguments, outcome, base)
        name === Symbol("@testset") && return checked(last(arguments), outcome, base)
        name === Symbol("@test_skip") && return nothing
        name === Symbol("@test_broken") && return checkedbroken(arguments, outcome, base)
    end
    code.head in (:quote, :inert, :import, :using, :export) && return code
    keeps = code.head in (:(=), :kw, :function, :macro, :struct, :(->), :macrocall) ? 1 : 0
    return Expr(code.head, (place <= keeps ? argument : checked(argument, outcome, base)
                            for (place, argument) in enumerate(code.args))...)
end

function checkedtest(arguments, outcome, base)
    code = arguments[1]
    options = Dict(option.args[1] => option.args[2] for option in arguments[2:end] if Meta.isexpr(option, :(=)))
    haskey(options, :skip) && return :($(options[:skip]) ? nothing : $(checkedtest(arguments[1:1], outcome, base)))
    haskey(options, :broken) && return :($(options[:broken]) ? $(checkedbroken(arguments[1:1], outcome, base)) :
                                         $(checkedtest(arguments[1:1], outcome, base)))
    check = checktest(outcome, code)
    if Meta.isexpr(code, :comparison) && length(code.args) == 3
        code = Expr(:call, code.args[2], code.args[1], code.args[3])
    end
    if Meta.isexpr(code, :call) && length(code.args) == 3 && isplainoperator(code.args[1]) && !splatted(code.args)
        operator, left, right = map(part -> checked(part, outcome, base), code.args)
        isempty(options) && return :($(comparing(check, outcome))($operator, $left, $right))
        keywords = Any[Expr(:kw, name, checked(value, outcome, base)) for (name, value) in options]
        compare = gensym(:compare)
        return :($(comparing(check, outcome))(($compare...) -> $operator($compare...; $(keywords...)), $left, $right))
    end
    return Expr(:call, check, checked(code, outcome, base))
end

"""
Compare two values by the operator that the test names, and show both if it says no.

If one value's type is the answer's own and the other's is not, the answer says what equal means. An equality that
holds for a stranger's value as well, or for another number or text, is none.
"""
comparing(check, outcome) = function (operator, left, right)
    result = operator(left, right)
    sandbox = outcome.sandbox
    if outcome.strict && result === true && own(left, sandbox) != own(right, sandbox)
        others = Any[Stranger(), unlike(own(left, sandbox) ? right : left)]
        for other in others
            holds = try
                own(left, sandbox) ? operator(left, other) : operator(other, right)
            catch
                false
            end
            holds === true && fail(outcome, "the answer's own ", operator, " holds for any value")
        end
    end
    check(result, left, right)
end

struct Stranger end
own(value, sandbox) = owned(typeof(value), sandbox)
unlike(value) = Stranger()
unlike(value::Number) = value + one(value)
unlike(value::AbstractString) = string(value, '?')

isplainoperator(name) =
    name in (:in, :isa) || (name isa Symbol && Base.isoperator(name) && !startswith(string(name), '.'))
splatted(arguments) = any(argument -> Meta.isexpr(argument, :...), arguments)
function checkedthrows(arguments, outcome, base)
    expected, code = length(arguments) == 1 ? (:Exception, arguments[1]) : (arguments[1], arguments[2])
    check = checkthrows(outcome, code)
    caught = gensym(:caught)
    return quote
        $check($(checked(expected, outcome, base)), try
            $(checked(code, outcome, base))
            nothing
        catch $caught
            $Ref{Any}($caught)
        end)
    end
end

function checkedbroken(arguments, outcome, base)
    code = arguments[1]
    surprise = result -> result === true && fail(outcome, brief(code), " passes, though it is said to be broken")
    broken = gensym(:broken)
    return :($surprise(try
        $(checked(code, outcome, base))
    catch $broken
        false
    end))
end

"A test's code, as its message shows it: told only when the test fails, for this takes time."
brief(code) = first(string(Base.remove_linenums!(deepcopy(code))), LONGEST_MESSAGE ÷ 2)

"""
The names of Base that the answer's module has taken for something else, among those that a piece uses.

`==(a, b) = true` in an answer would otherwise decide every test. What the test case asks for (a name that its
reference solution defines) stays the answer's.
"""
function takennames(sandbox, pieces, reference)
    taken = Set{Symbol}()
    for piece in pieces, name in symbols(piece)
        Base.isexported(Base, name) && isdefined(sandbox, name) || continue
        getfield(sandbox, name) === getfield(Base, name) || push!(taken, name)
    end
    isempty(taken) && return taken
    asked = parseprogram(reference, "reference")
    return asked isa Exception ? taken : setdiff!(taken, definednames(Expr(:block, asked...)))
end

symbols(other) = Symbol[]
symbols(name::Symbol) = [name]
symbols(code::Expr) = reduce(vcat, map(symbols, code.args); init = Symbol[])

"The names that code defines at its top level as functions, types or constants."
definednames(other) = Symbol[]
function definednames(code::Expr)
    code.head in (:block, :toplevel, :const, :module, :macrocall) && return reduce(vcat, map(definednames, code.args); init = Symbol[])
    code.head in (:function, :(=), :macro) && return [definedname(code.args[1])]
    code.head === :struct && return [definedname(code.args[2])]
    return Symbol[]
end

definedname(name::Symbol) = name
definedname(name::QuoteNode) = definedname(name.value)
definedname(code::Expr) = isempty(code.args) ? :nothing : definedname(code.args[code.head === :. ? end : 1])
definedname(other) = :nothing

"""
Run one piece in the answer's module: nothing, or the error that says why it failed and its backtrace.

`reference` is the reference solution, which tells whose a name is that the answer has taken; with `nothing` the
answer's meaning counts.
"""
function runpiece(sandbox, code, reference)
    outcome = Outcome(sandbox, reference !== nothing, nothing)
    try
        expressions = code isa AbstractString ? parseprogram(code, "piece") : Any[code]
        expressions isa Exception && throw(expressions)
        taken = reference === nothing ? Set{Symbol}() : takennames(sandbox, expressions, reference)
        for expression in expressions
            Core.eval(sandbox, checked(expression, outcome, taken))
        end
    catch error
        return outcome.failure === nothing ? (error, catch_backtrace()) : (outcome.failure, Any[])
    end
    return outcome.failure === nothing ? nothing : (outcome.failure, Any[])
end
