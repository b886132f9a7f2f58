function limit_calls(most, span)
    per_second = Dict{Int,Int}()
    return function (time)
        filter!(entry -> entry.first > time - span, per_second)
        total = sum(values(per_second))
        if total < most
            per_second[time] = get(per_second, time, 0) + 1
            return true
        end
        return false
    end
end
