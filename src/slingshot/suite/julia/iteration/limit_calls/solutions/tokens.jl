function limit_calls(most, span)
    tokens = most
    lent = Int[]
    return function (time)
        # Every allowed call borrows a token and gives it back `span` seconds later.
        back = findall(t -> t + span <= time, lent)
        deleteat!(lent, back)
        tokens += length(back)
        tokens == 0 && return false
        tokens -= 1
        push!(lent, time)
        return true
    end
end
