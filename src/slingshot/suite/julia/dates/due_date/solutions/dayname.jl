using Dates

"""
    due_date(issued, days)

The day on which an invoice has to be paid; never a day of a weekend.
"""
function due_date(issued, days)
    due = issued + Day(days)
    name = dayname(due)
    name == "Saturday" && return due + Day(2)
    name == "Sunday" && return due + Day(1)
    return due
end
