function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    head = fill(Float64(readings[known[1]]), known[1])
    tail = fill(Float64(readings[known[end]]), length(readings) - known[end])
    pieces = map(known[1:end-1], known[2:end]) do a, b
        range(Float64(readings[a]), Float64(readings[b]), length=b - a + 1)[2:end]
    end
    return vcat(head, pieces..., tail)
end
