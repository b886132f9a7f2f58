function open_minutes(text)
    week = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    minutes = zeros(Int, 7)
    for m in eachmatch(r"(\w\w)(?:-(\w\w))? (closed|(\d\d):(\d\d)-(\d\d):(\d\d))", text)
        first_day = findfirst(==(m[1]), week)
        last_day = m[2] === nothing ? first_day : findfirst(==(m[2]), week)
        total = 0
        if m[3] != "closed"
            h1, m1, h2, m2 = parse.(Int, (m[4], m[5], m[6], m[7]))
            total = 60 * (h2 - h1) + m2 - m1
        end
        for i in 0:mod(last_day - first_day, 7)
            minutes[mod1(first_day + i, 7)] = total
        end
    end
    return minutes
end
