using Dates

function due_date(issued, days)
    due = issued + Day(days)
    return dayofweek(due) in (Saturday, Sunday) ? tonext(due, Monday) : due
end
