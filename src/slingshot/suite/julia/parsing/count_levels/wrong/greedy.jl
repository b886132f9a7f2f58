function count_levels(log)
    counts = Dict{String,Int}()
    for line in split(log, '\n')
        m = match(r"^\[(.*)\]", line)
        m === nothing && continue
        counts[m[1]] = get(counts, m[1], 0) + 1
    end
    return counts
end
