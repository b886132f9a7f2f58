using Printf

receipt_line(name, price) = rpad(name, 12) * @sprintf("%8.2f", price)

function print_receipt(io, items)
    total = 0.0
    text = sprint() do out
        for (name, price) in items
            println(out, receipt_line(name, price))
            total += price
        end
        println(out, receipt_line("Total", total))
    end
    print(io, text)
    return nothing
end
