struct GaveUp <: Exception
    attempts
    cause
end

function keep_trying(f, limit)
    attempt = 1
    while true
        try
            return f(attempt)
        catch e
            e isa ArgumentError && rethrow()
            attempt >= limit && throw(GaveUp(attempt, e))
            attempt += 1
        end
    end
end
