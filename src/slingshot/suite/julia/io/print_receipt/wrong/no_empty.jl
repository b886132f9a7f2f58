using Printf

function print_receipt(io, items)
    for (name, price) in items
        @printf(io, "%-12s%8.2f\n", name, price)
    end
    @printf(io, "%-12s%8.2f\n", "Total", sum(last, items))
end
