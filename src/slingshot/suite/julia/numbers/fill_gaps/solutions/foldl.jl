function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    start = fill(Float64(readings[known[1]]), known[1])
    inner = foldl(known; init=start) do filled, place
        from, gap = last(filled), place - length(filled)
        step = gap == 0 ? 0.0 : (readings[place] - from) / gap
        append!(filled, [from + step * i for i in 1:gap])
    end
    return append!(inner, fill(last(inner), length(readings) - last(known)))
end
