struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

after_failure(e::ArgumentError, attempt, limit) = throw(e)
after_failure(e, attempt, limit) = attempt == limit ? throw(GaveUp(attempt, e)) : nothing

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit, "at least one attempt is needed"))
    for attempt in 1:limit
        try
            return f(attempt)
        catch e
            after_failure(e, attempt, limit)
        end
    end
end
