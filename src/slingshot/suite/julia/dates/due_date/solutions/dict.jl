using Dates

function due_date(issued, days)
    wait = Dict(Saturday => Day(2), Sunday => Day(1))
    due = issued + Day(days)
    return due + get(wait, dayofweek(due), Day(0))
end
