using Dates

function week_label(date)
    monday = firstdayofweek(date)
    return "$(year(monday))-W$(lpad(week(monday), 2, '0'))"
end
