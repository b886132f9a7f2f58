using Dates

# By how many days a term is prolonged that ends on a Monday, a Tuesday, and so on.
const EXTRA_DAYS = (0, 0, 0, 0, 0, 2, 1)

function due_date(issued, days)
    due = issued + Day(days)
    return due + Day(EXTRA_DAYS[dayofweek(due)])
end
