using Printf

function print_receipt(io, items)
    total = mapreduce(last, +, items; init=0.0)
    rows = [items; "Total" => total]
    print(io, join([@sprintf("%-12s%8.2f", name, price) for (name, price) in rows], "\n"))
    return nothing
end
