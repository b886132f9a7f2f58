function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    readings[1:first(known)] .= readings[first(known)]
    readings[last(known):end] .= readings[last(known)]
    for (a, b) in zip(known, known[2:end]), i in a+1:b-1
        readings[i] = readings[a] + (readings[b] - readings[a]) * (i - a) / (b - a)
    end
    return Vector{Float64}(readings)
end
