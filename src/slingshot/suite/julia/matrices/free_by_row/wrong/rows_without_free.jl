function free_by_row(plan)
    counts = Dict{Int,Int}()
    for place in findall(==('.'), plan)
        counts[place[1]] = get(counts, place[1], 0) + 1
    end
    return [counts[row] for row in sort(collect(keys(counts)))]
end
