function order_totals(orders)
    totals = Dict{String,Int}()
    previous, sum_so_far = nothing, 0
    # Equal names stand together once the orders are sorted.
    for (name, amount) in sort(orders)
        sum_so_far = name == previous ? sum_so_far + amount : amount
        totals[name] = sum_so_far
        previous = name
    end
    return totals
end
