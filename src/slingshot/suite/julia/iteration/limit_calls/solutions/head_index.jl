function limit_calls(most, span)
    allowed = Int[]
    head = 1
    return function (time)
        while head <= length(allowed) && time - allowed[head] >= span
            head += 1
        end
        used = length(allowed) - head + 1
        used < most || return false
        push!(allowed, time)
        return true
    end
end
