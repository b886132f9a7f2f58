free_by_row(plan) = [count(==('.'), column) for column in eachcol(plan)]
