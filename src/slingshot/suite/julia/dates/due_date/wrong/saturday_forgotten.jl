using Dates

function due_date(issued, days)
    due = issued + Day(days)
    return dayofweek(due) == 7 ? due + Day(1) : due
end
