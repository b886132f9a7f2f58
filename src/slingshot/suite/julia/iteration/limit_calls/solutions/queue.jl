function limit_calls(most, span)
    recent = Int[]
    function allow(time)
        # The oldest stand first, so only the front can be out of date.
        while !isempty(recent) && recent[1] <= time - span
            popfirst!(recent)
        end
        if length(recent) >= most
            return false
        end
        push!(recent, time)
        return true
    end
    return allow
end
