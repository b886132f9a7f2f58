struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit, "must be positive"))
    attempts = 0
    call() = f(attempts += 1)
    again = retry(call; delays=zeros(limit - 1), check=(_, e) -> !(e isa ArgumentError))
    try
        return again()
    catch e
        e isa ArgumentError && rethrow()
        throw(GaveUp(attempts, e))
    end
end
