using Dates

function due_date(issued, days)
    due = issued + Day(days)
    return minimum(d for d in due:Day(1):due+Day(2) if !(dayofweek(d) in (6, 7)))
end
