using Printf

struct Total
    amount::Float64
end

Total(items::AbstractVector) = Total(reduce(+, map(last, items); init=0.0))

show_line(io, item::Pair) = @printf(io, "%-12s%8.2f\n", item.first, item.second)
show_line(io, total::Total) = show_line(io, "Total" => total.amount)

function print_receipt(io, items)
    foreach(item -> show_line(io, item), items)
    show_line(io, Total(items))
    return nothing
end
