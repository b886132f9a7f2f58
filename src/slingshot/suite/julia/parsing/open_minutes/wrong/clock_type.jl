using Dates
function open_minutes(text)
    week = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    minutes = zeros(Int, 7)
    for rule in split(text, ';')
        isempty(strip(rule)) && continue
        days, hours = split(rule)
        numbers = [findfirst(==(day), week) for day in split(days, '-')]
        total = 0
        if hours != "closed"
            for span in split(hours, ',')
                from, to = Time.(split(span, '-'), "HH:MM")
                total += Dates.value(Minute(floor(to - from, Minute)))
            end
        end
        for i in 0:mod(numbers[end] - numbers[1], 7)
            minutes[mod1(numbers[1] + i, 7)] = total
        end
    end
    return minutes
end
