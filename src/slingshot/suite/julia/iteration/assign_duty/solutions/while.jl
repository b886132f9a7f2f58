function assign_duty(isfree, names, days)
    n = length(names)
    start = 1
    duties = Pair[]
    for day in days
        tried = 0
        while tried < n && !isfree(names[mod1(start + tried, n)], day)
            tried += 1
        end
        if tried == n
            push!(duties, day => nothing)
        else
            place = mod1(start + tried, n)
            push!(duties, day => names[place])
            start = place + 1
        end
    end
    return duties
end
