function limit_calls(most, span)
    calls = Int[]
    return function (time)
        filter!(earlier -> time - earlier < span, calls)
        push!(calls, time)
        return length(calls) <= most
    end
end
