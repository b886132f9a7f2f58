function assign_duty(isfree, names, days)
    position = 0
    function pick(day)
        for offset in 1:length(names)
            candidate = mod1(position + offset, length(names))
            isfree(names[candidate], day) || continue
            position = candidate
            return names[candidate]
        end
        return nothing
    end
    return [day => pick(day) for day in days]
end
