using Dates

function due_date(issued, days)
    while dayofweek(issued) > 5
        issued += Day(1)
    end
    return issued + Day(days)
end
