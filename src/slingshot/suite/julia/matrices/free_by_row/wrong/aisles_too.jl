function free_by_row(plan)
    return [count(seat -> seat != 'x', plan[i, :]) for i in 1:size(plan, 1)]
end
