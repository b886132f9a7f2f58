const counts = Dict{String,Int}()

function number_tickets(prefix)
    return function ()
        counts[prefix] = get(counts, prefix, 0) % 999 + 1
        return string(prefix, "-", lpad(counts[prefix], 3, '0'))
    end
end
