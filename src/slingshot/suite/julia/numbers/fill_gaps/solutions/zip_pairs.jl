function fill_gaps(readings)
    known = [i => Float64(r) for (i, r) in enumerate(readings) if !ismissing(r)]
    isempty(known) && throw(ArgumentError("there is no reading"))
    filled = fill(last(known[1]), length(readings))
    for ((i, x), (j, y)) in zip(known, Iterators.drop(known, 1))
        filled[i:j] .= x .+ (y - x) .* (0:j-i) ./ (j - i)
    end
    last_place, last_value = known[end]
    filled[last_place:end] .= last_value
    return filled
end
