function limit_calls(most, span)
    times = Int[]
    return function (time)
        recent = 0
        for earlier in times
            if time - earlier < span
                recent += 1
            end
        end
        if recent < most
            push!(times, time)
            return true
        else
            return false
        end
    end
end
