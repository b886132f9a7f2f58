using Dates

function due_date(issued, days)
    due = issued + Day(days)
    if dayofweek(due) == Saturday
        return due + Day(2)
    elseif dayofweek(due) == Sunday
        return due + Day(1)
    else
        return due
    end
end
