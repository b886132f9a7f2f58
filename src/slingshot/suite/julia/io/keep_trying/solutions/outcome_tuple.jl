struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

# Whether the call worked, and its result or its exception.
function attempt(f, n)
    try
        return true, f(n)
    catch e
        return false, e
    end
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    for n in 1:limit
        worked, outcome = attempt(f, n)
        worked && return outcome
        outcome isa ArgumentError && throw(outcome)
        n == limit && throw(GaveUp(n, outcome))
    end
end
