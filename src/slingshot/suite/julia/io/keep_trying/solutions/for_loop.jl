struct GaveUp <: Exception
    attempts
    cause
end

function keep_trying(f, limit)
    limit >= 1 || throw(DomainError(limit, "limit must be at least 1"))
    last_error = nothing
    for n in 1:limit
        try
            return f(n)
        catch e
            e isa ArgumentError && rethrow()
            last_error = e
        end
    end
    throw(GaveUp(limit, last_error))
end
