using Dates

function due_date(issued, days)
    # On Saturday two steps lead to Monday, on Sunday the first of them does.
    return foldl(1:2; init=issued + Day(days)) do date, _
        dayofweek(date) > 5 ? date + Day(1) : date
    end
end
