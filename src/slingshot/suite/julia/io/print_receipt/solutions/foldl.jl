using Printf

function print_receipt(io, items)
    total = foldl(items; init=0.0) do sum, (name, price)
        @printf(io, "%-12s%8.2f\n", name, price)
        sum + price
    end
    @printf(io, "%-12s%8.2f\n", "Total", total)
    return nothing
end
