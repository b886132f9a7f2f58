using Printf

function print_receipt(io, items)
    prices = Float64[price for (_, price) in items]
    lines = [@sprintf("%-12s%8.2f", name, price) for (name, price) in items]
    push!(lines, @sprintf("%-12s%8.2f", "Total", sum(prices)))
    foreach(line -> println(io, line), lines)
end
