function limit_calls(most, span)
    allowed = Int[]
    return function (time)
        most > 0 || return false
        # Only the call that was allowed `most` calls ago decides.
        n = length(allowed)
        free = n < most || time - allowed[n-most+1] >= span
        free && push!(allowed, time)
        return free
    end
end
