using Dates

function due_date(issued, days)
    due = issued + Day(days)
    return dayofweek(due) >= 6 ? due + Day(2) : due
end
