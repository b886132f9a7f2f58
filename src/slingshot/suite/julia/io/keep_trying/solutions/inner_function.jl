struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit, "cannot try fewer than one time"))

    function try_from(n)
        try
            f(n)
        catch e
            if e isa ArgumentError
                rethrow()
            elseif n == limit
                throw(GaveUp(n, e))
            else
                try_from(n + 1)
            end
        end
    end

    return try_from(1)
end
