struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

function Base.showerror(io::IO, e::GaveUp)
    print(io, "gave up after $(e.attempts) attempts: ")
    showerror(io, e.cause)
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    n = 0
    while (n += 1) <= limit
        try
            return f(n)
        catch e
            (e isa ArgumentError) && throw(e)
            n < limit && continue
            throw(GaveUp(n, e))
        end
    end
end
