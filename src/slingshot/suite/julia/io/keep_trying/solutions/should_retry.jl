"""Thrown when every attempt has failed."""
struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

is_worth_retrying(e) = !(e isa ArgumentError)

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit, "there must be at least one attempt"))
    for n in 1:limit-1
        try
            return f(n)
        catch e
            is_worth_retrying(e) || rethrow()
        end
    end
    # The last attempt: from here on every failure is final.
    try
        return f(limit)
    catch e
        throw(is_worth_retrying(e) ? GaveUp(limit, e) : e)
    end
end
