"Collect what lies between one used number and the next."
function free_slots(used, n)
    free = Int[]
    previous = 0
    for slot in sort(filter(s -> 1 <= s <= n, used))
        append!(free, previous+1:slot-1)
        previous = slot
    end
    return append!(free, previous+1:n)
end
