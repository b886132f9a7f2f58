function limit_calls(most, span)
    times = Int[]
    return function (time)
        recent = 0
        for earlier in Iterators.reverse(times)
            time - earlier < span || break
            recent += 1
        end
        recent < most && push!(times, time)
        return recent < most
    end
end
