struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    for n in Iterators.countfrom(1)
        try
            return f(n)
        catch e
            is_final = n >= limit
            e isa ArgumentError && rethrow(e)
            is_final && throw(GaveUp(n, e))
        end
    end
end
