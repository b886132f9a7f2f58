using Printf

function print_receipt(io, items)
    total = 0.0
    for (name, price) in items
        println(io, rpad(name, 12), lpad(@sprintf("%.2f", price), 8))
        total += price
    end
    println(io, rpad("Total", 12), lpad(@sprintf("%.2f", total), 8))
    return nothing
end
