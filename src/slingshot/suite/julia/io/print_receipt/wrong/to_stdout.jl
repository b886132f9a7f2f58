using Printf

function print_receipt(io, items)
    for (name, price) in items
        @printf("%-12s%8.2f\n", name, price)
    end
    @printf("%-12s%8.2f\n", "Total", sum(Float64[price for (_, price) in items]))
end
