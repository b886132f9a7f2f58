# Simple mutations of Julia programs: small changes that make most programs wrong, one at a time.
#
# Reads programs from standard input, each followed by a zero byte. Writes for each program its number (from 1), an
# empty line's worth of nothing and the program as Julia prints it, then for each mutant the number, what was changed
# and the mutated program; every field is followed by a zero byte. A program that does not parse is left out.

const SWAPPED = Dict(
    :+ => :-, :- => :+, :* => :+, :/ => :*, :÷ => :*, :% => :+, :^ => :*, :div => :*, :rem => :+, :mod => :+,
    :< => :<=, :<= => :<, :> => :>=, :>= => :>, :(==) => :!=, :!= => :(==), :isless => :(==),
    :min => :max, :max => :min, :minimum => :maximum, :maximum => :minimum, :first => :last, :last => :first,
    :floor => :ceil, :ceil => :floor, :any => :all, :all => :any, :union => :intersect, :intersect => :union,
    :(+=) => :(-=), :(-=) => :(+=), :(*=) => :(+=), :(&&) => :(||), :(||) => :(&&),
)

"The operator that takes the place of another, dotted ones alike; nothing if none does."
function swapped(op)
    op isa Symbol || return nothing
    text = string(op)
    if startswith(text, ".") && length(text) > 1
        plain = get(SWAPPED, Symbol(text[2:end]), nothing)
        return plain === nothing ? nothing : Symbol(".", plain)
    end
    return get(SWAPPED, op, nothing)
end

short(ex) = replace(first(replace(string(ex), r"#=.*?=#" => ""), 60), r"\s+" => " ")

"The changes that can be made at the top of an expression: what each is, and what takes its place."
function changes(ex)
    found = Tuple{String,Any}[]
    put(what, new) = push!(found, (what, new))
    if ex isa Bool
        put("$ex -> $(!ex)", !ex)
    elseif ex isa Union{Int,AbstractFloat}
        put("$ex -> $(ex + 1)", ex + 1)
    elseif ex isa String
        new = isempty(ex) ? "?" : ""
        put("$(repr(ex)) -> $(repr(new))", new)
    elseif ex isa Char
        new = ex == '?' ? '!' : '?'
        put("$(repr(ex)) -> $(repr(new))", new)
    elseif ex isa Expr
        args, here = ex.args, short(ex)
        if ex.head === :call
            op = swapped(args[1])
            length(args) == 2 && args[1] in (:+, :-) && (op = args[1] === :- ? :+ : nothing)
            op === nothing || put("$(args[1]) -> $op in $here", Expr(:call, op, args[2:end]...))
            if args[1] === :(:) && length(args) >= 3
                put("the last of $here is one less", Expr(:call, args[1:end-1]..., :($(args[end]) - 1)))
                put("the first of $here is one more", Expr(:call, :(:), :($(args[2]) + 1), args[3:end]...))
            end
            length(args) == 2 && args[1] === :! && put("$here without !", args[2])
        elseif ex.head === :comparison
            for at in 2:2:length(args)
                op = swapped(args[at])
                op === nothing || put("$(args[at]) -> $op in $here", Expr(:comparison, args[1:at-1]..., op, args[at+1:end]...))
            end
        elseif ex.head in (:if, :elseif) && length(args) >= 2
            put("the branches of: if $(short(args[1]))", Expr(ex.head, Expr(:call, :!, args[1]), args[2:end]...))
        elseif (op = swapped(ex.head)) !== nothing
            put("$(ex.head) -> $op in $here", Expr(op, args...))
        end
    end
    return found
end

is_short_definition(ex) = ex.head === :(=) && ex.args[1] isa Expr && ex.args[1].head in (:call, :where)
is_error(name) = name isa Symbol && (name === :error || endswith(string(name), r"Error|Exception"))

"Whether a part of an expression stays: signatures, imports, texts of errors, documentation, patterns."
function stays(ex, at)
    head, part = ex.head, ex.args[at]
    part isa LineNumberNode && return true
    part isa QuoteNode && return true
    head in (:using, :import, :export, :curly, :(::), :where, :meta, :abstract, :primitive, :<:) && return true
    head === :macrocall && at == 1 && return true
    head === :macrocall && endswith(string(ex.args[1]), "_str") && return true
    head === :macrocall && occursin("doc", string(ex.args[1])) && part isa Union{String,Expr} && at == 3 && return true
    at == 1 && (head in (:function, :->, :struct) || is_short_definition(ex)) && return true
    head === :kw && at == 1 && return true
    head === :call && at > 1 && is_error(ex.args[1]) && (part isa String || part isa Expr && part.head === :string) && return true
    return false
end

"All mutants of an expression."
function mutants(ex)
    found = changes(ex)
    ex isa Expr || return found
    for at in eachindex(ex.args)
        stays(ex, at) && continue
        for (what, new) in mutants(ex.args[at])
            args = copy(ex.args)
            args[at] = new
            push!(found, (what, Expr(ex.head, args...)))
        end
    end
    return found
end

"A program again: its statements one after the other."
written(block) = join((string(part) for part in block.args if !(part isa LineNumberNode)), "\n")

function answer(number, program)
    block = Meta.parse("begin\n" * program * "\nend"; raise = false)
    block isa Expr && block.head === :block || return
    put(what, code) = print(stdout, number, '\0', what, '\0', code, '\0')
    plain = written(block)
    put("", plain)
    seen = Set([plain])
    for (what, mutant) in mutants(block)
        code = written(mutant)
        code in seen || put(what, code)
        push!(seen, code)
    end
end

foreach(((number, program),) -> answer(number, program), enumerate(split(read(stdin, String), '\0'; keepempty = false)))
