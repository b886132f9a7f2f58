using Dates

is_workday(date) = dayofweek(date) in Monday:Friday

function due_date(issued, days)
    following = (issued + Day(days + n) for n in 0:2)
    return first(Iterators.filter(is_workday, following))
end
