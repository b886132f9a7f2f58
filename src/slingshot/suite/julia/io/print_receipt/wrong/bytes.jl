using Printf

function print_receipt(io, items)
    total = 0.0
    for (name, price) in items
        print(io, name, " "^(12 - sizeof(name)))
        @printf(io, "%8.2f\n", price)
        total += price
    end
    @printf(io, "%-12s%8.2f\n", "Total", total)
    return nothing
end
