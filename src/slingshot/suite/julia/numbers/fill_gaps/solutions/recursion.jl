function fill_between!(filled, known)
    length(known) < 2 && return filled
    a, b = known[1], known[2]
    for i in a+1:b-1
        filled[i] = filled[a] + (filled[b] - filled[a]) * (i - a) / (b - a)
    end
    return fill_between!(filled, known[2:end])
end

function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    filled = fill(Float64(readings[known[1]]), length(readings))
    filled[known] = readings[known]
    filled[known[end]:end] .= readings[known[end]]
    return fill_between!(filled, known)
end
