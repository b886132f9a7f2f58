# What recorded answers use of newer Julia versions and older ones lack.
#
# The leaderboard's results come from Julia 1.10. Each definition here is made only where it is missing, means
# what it means there, and is here because answers use it. Include this once, before any answer is run: it
# extends Base. New syntax cannot be added: `(; a, b) = x` stays an error.

module Compat

# --- 1.7: several pairs in `replace`, or none ------------------------------------------------------------

"A pattern as `findnext` takes it: in place of characters a function that tells them."
searchable(pattern) = Base._pat_replacer(pattern)
searchable(pattern::AbstractChar) = isequal(pattern)
searchable(pattern::Union{Tuple{Vararg{AbstractChar}},AbstractVector{<:AbstractChar},Set{<:AbstractChar}}) =
    in(pattern)

"""
    replaceall(text, pairs, count) -> String

`text` with up to `count` matches replaced, in one pass: always the match that begins first, and of those that
begin together the one of the first pair. What was put in is not searched again.
"""
function replaceall(text::String, pairs, count::Integer)
    count < 0 && throw(DomainError(count, "`count` must be non-negative."))
    patterns = [searchable(pattern) for (pattern, _) in pairs]
    out = IOBuffer()
    copied = searched = 1
    for _ in 1:count
        found = [something(findnext(pattern, text, searched), 0:-1) for pattern in patterns]
        starts = map(first, found)
        all(iszero, starts) && break
        which = argmin(replace(starts, 0 => typemax(Int)))
        start, stop = first(found[which]), last(found[which])
        # An empty match right behind another one does not count.
        if copied == 1 || copied <= stop
            print(out, SubString(text, copied, prevind(text, start)))
            Base._replace(out, last(pairs[which]), text, found[which], patterns[which])
        end
        copied = stop < start ? start : nextind(text, stop)
        copied > ncodeunits(text) && break
        searched = stop < start ? nextind(text, start) : copied
    end
    foreach(Base._free_pat_replacer, patterns)
    print(out, SubString(text, copied))
    return String(take!(out))
end

# Two methods: an older Base refuses exactly two pairs with a method of its own, which must be replaced.
if VERSION < v"1.7"
    Base.replace(text::AbstractString; count::Integer = typemax(Int)) = String(text)
    Base.replace(text::AbstractString, one::Pair, two::Pair; count::Integer = typemax(Int)) =
        replaceall(String(text), (one, two), count)
    Base.replace(text::AbstractString, one::Pair, two::Pair, more::Pair...; count::Integer = typemax(Int)) =
        replaceall(String(text), (one, two, more...), count)
end

# --- 1.6: `occursin(haystack)` as a function of the needle -----------------------------------------------

if !hasmethod(occursin, Tuple{String})
    Base.occursin(haystack) = Base.Fix2(occursin, haystack)
end

# --- 1.6: `view` of a string -----------------------------------------------------------------------------

if !hasmethod(view, Tuple{String,UnitRange{Int}})
    Base.view(text::AbstractString, range::AbstractUnitRange{<:Integer}) = SubString(text, range)
end

# --- 1.9: `using Base.Threads` brings `@spawn` -----------------------------------------------------------

# Distributed exports another `@spawn`. Whoever uses both packages has neither, and so it must be here.
if !(Symbol("@spawn") in names(Threads))
    Core.eval(Threads, :(export @spawn))
end

end
