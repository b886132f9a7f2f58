"Calls `next` for every element, until it gives nothing."
struct Calls{F}
    next::F
end

Base.IteratorSize(::Type{<:Calls}) = Base.SizeUnknown()

function Base.iterate(calls::Calls, _=nothing)
    found = calls.next()
    return found === nothing ? nothing : (something(found), nothing)
end

function merge_feeds(a, b; by=identity)
    x, y = iterate(a), iterate(b)
    function next()
        if x !== nothing && (y === nothing || by(x[1]) <= by(y[1]))
            element, state = x
            x = iterate(a, state)
            return Some(element)
        elseif y !== nothing
            element, state = y
            y = iterate(b, state)
            return Some(element)
        end
        return nothing
    end
    return Calls(next)
end
