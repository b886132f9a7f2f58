function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    # Give both ends a reading; then every gap lies between two.
    fenced = Vector{Union{Missing,Float64}}(readings)
    fenced[1] = readings[known[1]]
    fenced[end] = readings[known[end]]
    fenced[1:known[1]] .= fenced[1]
    fenced[known[end]:end] .= fenced[end]
    for i in eachindex(fenced)
        ismissing(fenced[i]) || continue
        j = findnext(!ismissing, fenced, i)
        fenced[i] = fenced[i-1] + (fenced[j] - fenced[i-1]) / (j - i + 1)
    end
    return Float64.(fenced)
end
