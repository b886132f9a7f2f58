using Dates

function due_date(issued, days)
    due = issued
    while days > 0
        due += Day(1)
        dayofweek(due) < 6 && (days -= 1)
    end
    return due
end
