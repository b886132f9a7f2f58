using Printf

function print_receipt(io, items)
    total = isempty(items) ? 0.0 : sum(last, items)
    rows = [items; "Total" => total]
    text = join([@sprintf("%-12s%8.2f\n", name, price) for (name, price) in rows])
    print(io, text)
    return nothing
end
