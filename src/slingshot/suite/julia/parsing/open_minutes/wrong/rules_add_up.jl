function open_minutes(text)
    week = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    minute(time) = parse(Int, time[1:2]) * 60 + parse(Int, time[4:5])
    minutes = zeros(Int, 7)
    for rule in split(text, ';')
        isempty(strip(rule)) && continue
        days, hours = split(rule)
        hours == "closed" && continue
        numbers = [findfirst(==(day), week) for day in split(days, '-')]
        day = numbers[1]
        while true
            for span in split(hours, ',')
                from, to = split(span, '-')
                minutes[day] += minute(to) - minute(from)
            end
            day == numbers[end] && break
            day = mod1(day + 1, 7)
        end
    end
    return minutes
end
