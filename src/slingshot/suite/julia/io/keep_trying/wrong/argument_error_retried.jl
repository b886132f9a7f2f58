struct GaveUp <: Exception
    attempts
    cause
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    for attempt in 1:limit
        try
            return f(attempt)
        catch e
            attempt == limit && throw(GaveUp(attempt, e))
        end
    end
end
