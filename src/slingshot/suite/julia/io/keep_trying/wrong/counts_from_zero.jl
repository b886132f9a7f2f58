struct GaveUp <: Exception
    attempts
    cause
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    attempt = 0
    while true
        try
            return f(attempt)
        catch e
            e isa ArgumentError && rethrow()
            attempt += 1
            attempt == limit && throw(GaveUp(attempt, e))
        end
    end
end
