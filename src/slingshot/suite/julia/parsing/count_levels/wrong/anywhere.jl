function count_levels(log)
    counts = Dict{String,Int}()
    for m in eachmatch(r"\[(\w+)\]", log)
        counts[m[1]] = get(counts, m[1], 0) + 1
    end
    return counts
end
