using Dates

function due_date(issued, days)
    due = issued + Day(days)
    candidates = due:Day(1):due+Day(2)
    return first(filter(d -> dayofweek(d) < 6, candidates))
end
