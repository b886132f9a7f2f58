# Two decimals of an amount, made from whole cents.
function decimals(amount)
    cents = round(Int, 100 * amount)
    sign = cents < 0 ? "-" : ""
    whole, rest = divrem(abs(cents), 100)
    return string(sign, whole, '.', lpad(rest, 2, '0'))
end

function print_receipt(io, items)
    total = 0.0
    for (name, price) in items
        total += price
        println(io, rpad(name, 12), lpad(decimals(price), 8))
    end
    println(io, rpad("Total", 12), lpad(decimals(total), 8))
    return nothing
end
