function fill_gaps(readings)
    known = findall(!ismissing, readings)
    filled = zeros(length(readings))
    isempty(known) && return filled
    filled[1:first(known)] .= readings[first(known)]
    filled[last(known):end] .= readings[last(known)]
    for (a, b) in zip(known, known[2:end])
        filled[a:b] = range(readings[a], readings[b], length=b - a + 1)
    end
    return filled
end
