# Which functions, types, macros and forms of Julia programs use, and since when there are such functions.
#
# Reads pairs of fields from standard input: the packages that a program's surroundings load (with blanks between)
# and the program. Writes triples of fields, all of them followed by a zero byte:
#   NUMBER, KIND, NAME for what the program NUMBER (from 1) uses: `name` (of Base or the standard library),
#   `macro`, `form`, `unknown` (a name that means nothing here), `defined` (what it brings itself), `fault`;
#   NAME, `owner`, MODULE and NAME, `note`, "VERSION: TEXT" or NAME, `since`, VERSION for every name used.
#
# Names are taken from lowered code, where Julia itself has told local variables from global names.

using Dates, LinearAlgebra, Printf, Random, Statistics, Test

const FORMS = Dict(
    :-> => "x -> …", :do => "do block", :where => "where", :while => "while", :for => "for", :try => "try … catch",
    :let => "let", :comprehension => "[… for …]", :typed_comprehension => "T[… for …]", :generator => "(… for …)",
    :filter => "for … if in a comprehension", :... => "splatting …", :string => "interpolation \"\$x\"", :&& => "&&",
    :|| => "||", :comparison => "chained comparison a < b < c", Symbol("'") => "adjoint A'", :curly => "type parameters T{…}",
    :abstract => "abstract type", :const => "const", :quote => "quoted code", :vcat => "[a; b]", :hcat => "[a b]",
    :vect => "[a, b]", :typed_vcat => "T[a; b]", :ref => "indexing a[i]", :elseif => "elseif", :return => "return", :break => "break",
    :continue => "continue", :global => "global", :local => "local", :.= => "broadcast assignment .=", :(::) => "type annotation ::",
    :export => "export", :module => "module", :cmd => "command literal", :typed_hcat => "T[a b]",
)

"Everything in a text, as Julia reads a file; a fault, as an `:error` or `:incomplete` among the statements."
function statements(text)
    parsed = isdefined(Meta, :parseall) ? Meta.parseall(text) : Base.parse_input_line(text)
    parsed isa Expr && parsed.head === :toplevel ? parsed.args : Any[parsed]
end

is_macro(ex, name) = Meta.isexpr(ex, :macrocall) && ex.args[1] === Symbol("@", name)

"Unit tests without the macros of Test around them, which would turn names into data."
function without_tests(ex)
    ex isa Expr || return ex
    if ex.head === :macrocall && startswith(string(ex.args[1]), "@test") || is_macro(ex, "inferred")
        parts = map(part -> Meta.isexpr(part, :(=)) ? part.args[2] : part, ex.args[3:end])
        return Expr(:block, map(without_tests, parts)...)
    end
    return Expr(ex.head, map(without_tests, ex.args)...)
end

"The global names that lowered code uses."
function global_names!(found, part, own)
    if part isa GlobalRef
        part.mod === own && push!(found, part.name)
    elseif part isa Symbol
        push!(found, part)
    elseif part isa Core.CodeInfo
        foreach(line -> global_names!(found, line, own), part.code)
    elseif part isa Expr
        part.head in (:meta, :inert, :line, :copyast, :inbounds) || foreach(arg -> global_names!(found, arg, own), part.args)
    end
    return found
end

"What a definition defines: the name of a function or type."
defined_name(ex) = ex isa Symbol ? ex : ex isa Expr && ex.head in (:call, :where, :(::), :curly, :<:) && !isempty(ex.args) ? defined_name(ex.args[1]) : nothing

"Forms, macros and qualified names in code as it was parsed."
function walk(put, ex)
    ex isa QuoteNode && return
    ex isa Expr || return
    head, args = ex.head, ex.args
    text = string(head)
    form = get(FORMS, head, nothing)
    form === nothing || put("form", form)
    if head === :function || head === :(=) && is_signature(args[1])
        put("form", head === :(=) ? "f(x) = …" : length(args) > 1 && Meta.isexpr(args[1], :tuple) ? "function (x) … end" : "function f(x) … end")
        head === :(=) || length(args) > 1 || put("form", "function f end")
    elseif head === :(=) && Meta.isexpr(args[1], :tuple)
        put("form", "a, b = …")
    elseif head === :struct
        put("form", args[1] ? "mutable struct" : "struct")
    elseif head === :if
        put("form", Meta.isexpr(args[2], :block) ? "if" : "a ? b : c")
    elseif head === :try
        length(args) > 3 && put("form", "finally")
    elseif head === :. && length(args) == 2 && Meta.isexpr(args[2], :tuple)
        put("form", "broadcasting f.(x)")
    elseif head === :call && args[1] isa Symbol && Base.isoperator(args[1]) && startswith(string(args[1]), ".") && length(string(args[1])) > 1
        put("form", "broadcasting a .+ b")
    elseif head === :tuple && any(part -> Meta.isexpr(part, :(=)), args)
        put("form", "named tuple (a = 1,)")
    elseif head === :parameters
        put("form", "keyword arguments f(x; y = 1)")
        any(part -> part isa Symbol, args) && put("form", "f(; y) for f(; y = y)")
    elseif head === :ref && any(part -> uses(part, :begin), args[2:end])
        put("form", "a[begin]")
    elseif head === :call && args[1] === :replace && count(part -> Meta.isexpr(part, :call) && part.args[1] === :(=>), args) > 1
        put("form", "replace with several pairs")
    elseif head === :call && args[1] === :occursin && length(args) == 2
        put("form", "occursin(text) as a function")
    elseif text != "=" && endswith(text, "=") && !(head in (:(==), :<=, :>=, :!=, :.=))
        put("form", "assignment with an operator +=")
    end
    if head === :macrocall
        put("macro", string(args[1] isa GlobalRef ? args[1].name : args[1]))
    elseif head === :. && length(args) == 2 && args[2] isa QuoteNode && named_module(args[1]) !== nothing && named_module(ex) === nothing
        put("name", string(args[2].value))
    elseif head in (:import, :using)
        foreach(part -> Meta.isexpr(part, :(:)) && foreach(one -> put("name", string(one.args[end])), part.args[2:end]), args)
    end
    signed = head in (:function, :->, :macro) || head === :(=) && is_signature(args[1])
    signed && walk_signature(put, args[1])
    foreach(part -> walk(put, part), signed ? args[2:end] : args)
end

"The module that `Base.Iterators` and the like name; nothing if it names none."
function named_module(ex)
    place = ex isa Symbol ? Main : Meta.isexpr(ex, :.) && length(ex.args) == 2 && ex.args[2] isa QuoteNode ? named_module(ex.args[1]) : nothing
    name = ex isa Symbol ? ex : place === nothing ? nothing : ex.args[2].value
    found = name isa Symbol && isdefined(place, name) ? getfield(place, name) : nothing
    return found isa Module ? found : nothing
end

is_signature(ex) = Meta.isexpr(ex, (:where, :(::))) ? is_signature(ex.args[1]) : Meta.isexpr(ex, :call)

"The same for what stands before a function's body, where `; y` is an argument without a default."
function walk_signature(put, ex)
    ex isa Expr || return
    ex.head in (:where, :(::)) && put("form", FORMS[ex.head])
    for part in ex.args
        if Meta.isexpr(part, :parameters)
            put("form", "keyword arguments f(x; y = 1)")
            foreach(one -> walk(put, one), part.args)
        elseif Meta.isexpr(part, (:call, :tuple)) && ex.head in (:where, :(::))
            walk_signature(put, part)
        else
            walk(put, part)
        end
    end
end

uses(ex, name) = ex === name || ex isa Expr && ex.head !== :ref && any(part -> uses(part, name), ex.args)

"Names that were used, to be told of."
const NAMES = Set{String}()

"Look at one program in a module of its own."
function look(number, packages, program)
    seen = Set{Tuple{String,String}}()
    function put(kind, name)
        (kind, name) in seen && return
        push!(seen, (kind, name))
        kind in ("name", "macro") && push!(NAMES, name)
        print(stdout, number, '\0', kind, '\0', name, '\0')
    end
    own = Module()
    foreach(package -> Core.eval(own, :(using $(Symbol(package)))), split(packages))
    Core.eval(own, :(using Test))
    used, defined = Set{Symbol}(), Set{Symbol}()
    for statement in statements(program)
        statement isa Expr || (statement isa Symbol && push!(used, statement); continue)
        if statement.head in (:error, :incomplete)
            put("fault", string(statement.args[1]))
            continue
        end
        walk(put, statement)
        statement = without_tests(statement)
        collect_defined!(defined, statement)
        try
            if statement.head in (:using, :import, :macro)  # what the statements after it need
                Core.eval(own, statement)
            else
                lowered = Meta.lower(own, statement)
                Meta.isexpr(lowered, :error) && put("fault", string(lowered.args[1]))
                global_names!(used, lowered, own)
            end
        catch fault
            put("fault", first(split(sprint(showerror, fault), '\n')))
        end
    end
    foreach(name -> put("defined", string(name)), defined)
    for name in setdiff(used, defined)
        startswith(string(name), "#") && continue
        isdefined(own, name) && getfield(own, name) isa Module && continue
        put(isdefined(own, name) ? "name" : "unknown", string(name))
    end
end

"Names that a statement gives to functions, types and variables outside of functions."
function collect_defined!(found, ex)
    ex isa Expr || return
    if ex.head in (:function, :(=), :struct, :abstract, :macro, :const)
        target = ex.head === :struct ? ex.args[2] : ex.args[1]
        Meta.isexpr(target, :(=)) && (target = target.args[1])
        parts = Meta.isexpr(target, :tuple) ? target.args : Any[target]
        foreach(part -> defined_name(part) isa Symbol && push!(found, defined_name(part)), parts)
    elseif ex.head in (:block, :macrocall, :toplevel, :if, :for, :let)
        is_macro(ex, "enum") && union!(found, filter(part -> part isa Symbol, ex.args[3:end]))
        foreach(part -> collect_defined!(found, part), ex.args)
    end
end

const MODULES = (Base, Core, Base.Iterators, Dates, LinearAlgebra, Printf, Random, Statistics, Test)

"The documentation of a name: one text for each documented method, without looking at where a method is defined."
function documented(binding)
    texts = String[]
    for place in Base.Docs.modules
        multi = get(Base.Docs.meta(place), binding, nothing)
        multi === nothing || append!(texts, [join(filter(part -> part isa String, collect(one.text))) for one in values(multi.docs)])
    end
    return texts
end

const NOTE = r"!!! compat \"(?:Julia )?(\d+\.\d+)[^\"]*\"\s*\n((?:[ \t]+\S.*(?:\n|$))+)"

"Tell of a name where it is at home, what its documentation says of versions, and which of them brought it."
function tell(name)
    symbol = Symbol(name)
    home = findfirst(place -> isdefined(place, symbol), MODULES)
    home === nothing && return
    owner = which(MODULES[home], symbol)
    put(kind, text) = print(stdout, name, '\0', kind, '\0', text, '\0')
    put("owner", any(place -> Base.isexported(place, symbol), (Base, Core)) ? "Base" : string(owner))
    brought = String[]
    texts = documented(Base.Docs.Binding(owner, symbol))
    for text in texts, note in eachmatch(NOTE, text)
        said = strip(replace(note[2], r"\s+" => " "))
        head = strip(first(split(lstrip(text), '\n')))
        # Most notes speak of one method, an argument or a kind of value; few of the thing itself.
        of_itself = Regex("^(This (function|method|macro|type)|`?@?\\Q$(lstrip(name, '@'))\\E`?) (requires|was added|was introduced|is available)")
        if length(texts) == 1 && occursin(of_itself, said)
            push!(brought, note[1])
        else
            put("note", note[1] * ": " * (startswith(said, "This ") ? "`$head`: " : "") * said)
        end
    end
    put("since", isempty(brought) ? "1.0" : first(sort(brought, by = VersionNumber)))
end

fields = split(read(stdin, String), '\0')
foreach(number -> look(number, fields[2number - 1], fields[2number]), 1:length(fields) ÷ 2)
foreach(tell, sort(collect(NAMES)))
