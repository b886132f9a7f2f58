using Printf

"""
    print_receipt(io, items)

Print one line for each `name => price` and one for the sum of all prices.
"""
function print_receipt(io, items)
    total = 0.0
    i = 1
    while i <= length(items)
        name, price = items[i]
        print(io, name, ' '^(12 - length(name)))
        @printf(io, "%8.2f\n", price)
        total += price
        i += 1
    end
    @printf(io, "Total       %8.2f\n", total)
    return nothing
end
