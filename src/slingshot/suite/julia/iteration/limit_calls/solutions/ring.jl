function limit_calls(most, span)
    slots = Vector{Union{Int,Nothing}}(nothing, most)
    oldest = 1
    return function (time)
        isempty(slots) && return false
        earlier = slots[oldest]
        earlier === nothing || time >= earlier + span || return false
        slots[oldest] = time
        oldest = mod1(oldest + 1, most)
        return true
    end
end
