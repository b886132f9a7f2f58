using Dates

postpone(date, ::Val) = date
postpone(date, ::Val{6}) = date + Day(2)
postpone(date, ::Val{7}) = date + Day(1)

function due_date(issued, days)
    date = issued + Day(days)
    return postpone(date, Val(dayofweek(date)))
end
