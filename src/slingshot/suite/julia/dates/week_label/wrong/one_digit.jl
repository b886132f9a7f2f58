using Dates

function week_label(date)
    thursday = firstdayofweek(date) + Day(3)
    return "$(year(thursday))-W$(week(date))"
end
