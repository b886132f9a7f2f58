function limit_calls(most, span)
    granted = Int[]
    return function (time)
        ok = count(earlier -> time - earlier < span, granted) < most
        ok && push!(granted, time)
        return ok
    end
end
