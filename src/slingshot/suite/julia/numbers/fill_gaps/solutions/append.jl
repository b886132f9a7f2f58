function fill_gaps(readings)
    filled = Float64[]
    gap = 0
    for reading in readings
        if ismissing(reading)
            gap += 1
            continue
        end
        start = isempty(filled) ? reading : last(filled)
        for i in 1:gap
            # Before the first reading, start and reading are the same.
            push!(filled, start + (reading - start) * i / (gap + 1))
        end
        push!(filled, reading)
        gap = 0
    end
    isempty(filled) && throw(ArgumentError("there is no reading"))
    return append!(filled, fill(last(filled), gap))
end
