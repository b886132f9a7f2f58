using Dates

function due_date(issued, days)
    due = issued + Day(days)
    number = dayofweek(due)
    return due + Day((number > 5) * (8 - number))
end
