using Printf

function print_receipt(io, items)
    total = mapreduce(item -> float(item.second), +, items; init=0.0)
    for (name, price) in Iterators.flatten((items, ("Total" => total,)))
        @printf(io, "%-12s%8.2f\n", name, price)
    end
    return nothing
end
