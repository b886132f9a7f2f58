struct GaveUp <: Exception
    attempts::Int
    cause::Exception
end

GaveUp(failures::Vector) = GaveUp(length(failures), last(failures))

function keep_trying(f, limit)
    limit < 1 && throw(DomainError(limit))
    failures = []
    while length(failures) < limit
        try
            return f(length(failures) + 1)
        catch e
            e isa ArgumentError && rethrow()
            push!(failures, e)
        end
    end
    throw(GaveUp(failures))
end
