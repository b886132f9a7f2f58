struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

function keep_trying(f, limit)
    limit > 0 || throw(DomainError(limit, "the limit must be above zero"))
    left = limit
    while left > 0
        try
            return f(limit - left + 1)
        catch e
            left -= 1
            e isa ArgumentError && rethrow()
            left == 0 && throw(GaveUp(limit, e))
        end
    end
end
