function free_by_row(plan)
    counts = Int[]
    for row in eachrow(plan)
        push!(counts, count(seat -> seat == ".", row))
    end
    return counts
end
