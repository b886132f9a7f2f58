using Printf

function print_receipt(io, items)
    total = 0.0
    for (name, price) in items
        @printf(io, "%-12s%8.2f\n", name, price)
        total += price
    end
    @printf(io, "%-12s%8.2f\n", "Total", total)
    return total
end
