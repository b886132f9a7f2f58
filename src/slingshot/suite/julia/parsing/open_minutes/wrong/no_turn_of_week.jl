function open_minutes(text)
    week = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    minute(time) = parse(Int, time[1:2]) * 60 + parse(Int, time[4:5])
    minutes = zeros(Int, 7)
    for rule in split(text, ';'; keepempty=false)
        isempty(strip(rule)) && continue
        days, hours = split(rule)
        numbers = [findfirst(==(day), week) for day in split(days, '-')]
        total = 0
        if hours != "closed"
            for span in split(hours, ',')
                from, to = split(span, '-')
                total += minute(to) - minute(from)
            end
        end
        minutes[numbers[1]:numbers[end]] .= total
    end
    return minutes
end
