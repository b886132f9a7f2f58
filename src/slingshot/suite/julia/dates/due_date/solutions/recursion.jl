using Dates

function after_weekend(date)
    dayofweek(date) < 6 && return date
    return after_weekend(date + Day(1))
end

due_date(issued, days) = after_weekend(issued + Day(days))
