function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    filled = zeros(length(readings))
    filled[known] .= readings[known]
    for (a, b) in zip(known, known[2:end]), i in a+1:b-1
        filled[i] = readings[a] + (readings[b] - readings[a]) * (i - a) / (b - a)
    end
    return filled
end
