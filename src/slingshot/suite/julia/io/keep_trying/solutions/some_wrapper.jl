struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit, "limit below 1"))
    cause = ErrorException("not tried yet")
    for n in 1:limit
        # `Some` keeps a result of `nothing` apart from a failure.
        result = try
            Some(f(n))
        catch e
            e isa ArgumentError ? rethrow() : (cause = e; nothing)
        end
        isnothing(result) || return something(result)
    end
    throw(GaveUp(limit, cause))
end
