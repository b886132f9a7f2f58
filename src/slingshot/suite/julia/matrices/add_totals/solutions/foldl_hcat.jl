function add_totals(table)
    start = zeros(eltype(table), size(table, 1) + 1, 0)
    tall = foldl(eachcol(table); init=start) do done, column
        hcat(done, [column; sum(column)])
    end
    return hcat(tall, foldl(+, eachcol(tall)))
end
