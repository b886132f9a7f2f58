using Printf

print_row(io, label, amount) = @printf(io, "%-12s%8.2f\n", label, amount)

function print_receipt(io, items)
    for (name, price) in items
        print_row(io, name, price)
    end
    print_row(io, "Total", mapreduce(last, +, items; init=0.0))
    return nothing
end
