using Printf

function print_receipt(io, items)
    sum_of_prices = 0.0
    for item in items
        @printf(io, "%-12s%8.2f\n", item.first, item.second)
        sum_of_prices += item.second
    end
    @printf(io, "%-12s%8.2f\n", "Total", sum_of_prices)
    return nothing
end
