function limit_calls(most, span)
    allowed = Int[]
    return function (time)
        # Times never decrease, so the list is sorted.
        first_recent = searchsortedfirst(allowed, time - span + 1)
        recent = length(allowed) - first_recent + 1
        recent >= most && return false
        push!(allowed, time)
        return true
    end
end
