function free_slots(used, n)
    isempty(used) && return collect(1:n)
    return [slot for slot in minimum(used):min(maximum(used), n) if !(slot in used)]
end
