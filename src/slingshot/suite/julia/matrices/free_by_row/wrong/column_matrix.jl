free_by_row(plan) = sum(plan .== '.'; dims=2)
