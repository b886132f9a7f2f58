function count_levels(log)
    counts = Dict{String,Int}()
    for line in split(log, '\n'; keepempty=false)
        level = strip(first(split(line)), ['[', ']'])
        counts[level] = get(counts, level, 0) + 1
    end
    return counts
end
