struct GaveUp <: Exception
    attempts
    cause
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    cause = nothing
    for attempt in 1:limit-1
        try
            return f(attempt)
        catch e
            e isa ArgumentError && rethrow()
            cause = e
        end
    end
    throw(GaveUp(limit, cause))
end
