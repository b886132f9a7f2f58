struct GaveUp <: Exception
    attempts::Int
    cause
end

function keep_trying(f, limit, attempt=1)
    limit < 1 && throw(DomainError(limit, "no attempt allowed"))
    try
        return f(attempt)
    catch e
        e isa ArgumentError && rethrow()
        attempt < limit || throw(GaveUp(attempt, e))
    end
    return keep_trying(f, limit, attempt + 1)
end
