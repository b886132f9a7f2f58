struct GaveUp <: Exception
    attempts
    cause
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    cause = nothing
    for attempt in 1:limit
        result = try
            f(attempt)
        catch e
            e isa ArgumentError && rethrow()
            cause = e
            nothing
        end
        result === nothing || return result
    end
    throw(GaveUp(limit, cause))
end
