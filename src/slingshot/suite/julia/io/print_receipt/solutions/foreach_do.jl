using Printf

function print_receipt(io, items)
    total = 0.0
    foreach(items) do (name, price)
        total += price
        @printf(io, "%-12s%8.2f\n", name, price)
    end
    @printf(io, "%-12s%8.2f\n", "Total", total)
    return nothing
end
