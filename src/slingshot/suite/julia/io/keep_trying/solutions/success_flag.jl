struct GaveUp <: Exception
    attempts::Int
    cause
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    done = false
    result = cause = nothing
    attempts = 0
    while !done && attempts < limit
        attempts += 1
        try
            result = f(attempts)
            done = true
        catch e
            isa(e, ArgumentError) && throw(e)
            cause = e
        end
    end
    return done ? result : throw(GaveUp(attempts, cause))
end
