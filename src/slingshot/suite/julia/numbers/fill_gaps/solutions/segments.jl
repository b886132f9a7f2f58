function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("nothing was read"))
    first_known, last_known = known[1], known[end]
    result = zeros(length(readings))
    result[1:first_known] .= readings[first_known]
    result[last_known:end] .= readings[last_known]
    for k in 2:length(known)
        from, to = known[k-1], known[k]
        step = (readings[to] - readings[from]) / (to - from)
        for i in from:to
            result[i] = readings[from] + step * (i - from)
        end
    end
    return result
end
