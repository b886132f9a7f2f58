using Dates

function office_minutes(from, to, holidays)
    minutes = 0
    for moment in from:Minute(1):to-Minute(1)
        dayofweek(moment) < 6 && !(Date(moment) in holidays) && (minutes += 1)
    end
    return minutes
end
