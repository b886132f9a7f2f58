function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    filled = Float64[coalesce(r, readings[first(known)]) for r in readings]
    filled[last(known):end] .= readings[last(known)]
    for (a, b) in zip(known, known[2:end]), i in a+1:b-1
        filled[i] = readings[a] + (readings[b] - readings[a]) * (i - a) / (b - a + 1)
    end
    return filled
end
