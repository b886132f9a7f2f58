function limit_calls(most, span)
    allowed = Int[]
    return function (time)
        filter!(earlier -> time - earlier <= span, allowed)
        length(allowed) < most || return false
        push!(allowed, time)
        return true
    end
end
