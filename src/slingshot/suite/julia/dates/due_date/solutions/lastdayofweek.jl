using Dates

function due_date(issued, days)
    due = issued + Day(days)
    is_weekend = dayofweek(due) >= 6
    # A week ends on Sunday, so the day after is a Monday.
    return is_weekend ? lastdayofweek(due) + Day(1) : due
end
