function print_receipt(io, items)
    total = 0.0
    for (name, price) in items
        println(io, rpad(name, 12), lpad(round(price, digits=2), 8))
        total += price
    end
    println(io, rpad("Total", 12), lpad(round(total, digits=2), 8))
end
