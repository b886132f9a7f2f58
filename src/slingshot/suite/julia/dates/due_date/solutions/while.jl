using Dates

function due_date(issued, days)
    due = issued + Day(days)
    while dayofweek(due) > 5
        due += Day(1)
    end
    return due
end
