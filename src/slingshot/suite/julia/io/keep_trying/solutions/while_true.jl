struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

function keep_trying(f, limit)
    if limit < 1
        throw(DomainError(limit))
    end
    attempt = 1
    while true
        try
            return f(attempt)
        catch e
            if e isa ArgumentError
                rethrow()
            elseif attempt == limit
                throw(GaveUp(attempt, e))
            end
        end
        attempt += 1
    end
end
