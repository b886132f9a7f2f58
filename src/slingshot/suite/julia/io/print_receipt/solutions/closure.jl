using Printf

function print_receipt(io, items)
    row(name, price) = @printf(io, "%-12s%8.2f\n", name, price)
    names, prices = first.(items), last.(items)
    foreach(row, names, prices)
    row("Total", isempty(prices) ? 0 : sum(prices))
    return nothing
end
