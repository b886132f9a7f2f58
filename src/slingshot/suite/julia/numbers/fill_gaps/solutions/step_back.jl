function fill_gaps(readings)
    positions = [i for (i, r) in enumerate(readings) if !ismissing(r)]
    isempty(positions) && throw(ArgumentError("no reading to start from"))
    filled = [ismissing(r) ? NaN : Float64(r) for r in readings]
    filled[1:positions[1]] .= filled[positions[1]]
    filled[positions[end]:end] .= filled[positions[end]]
    for i in 2:length(filled)
        isnan(filled[i]) || continue
        # All before i is filled: go the first of the remaining steps to the next reading.
        next = positions[findfirst(>(i), positions)]
        filled[i] = filled[i-1] + (filled[next] - filled[i-1]) / (next - i + 1)
    end
    return filled
end
