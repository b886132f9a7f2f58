using Printf

function print_receipt(io, items, total=0.0)
    if isempty(items)
        @printf(io, "%-12s%8.2f\n", "Total", total)
        return nothing
    end
    name, price = first(items)
    @printf(io, "%-12s%8.2f\n", name, price)
    return print_receipt(io, items[2:end], total + price)
end
