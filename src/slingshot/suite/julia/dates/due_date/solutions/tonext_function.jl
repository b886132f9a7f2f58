using Dates

# The first day that is no weekend day, beginning with the last day of the term itself.
due_date(issued, days) =
    tonext(day -> dayofweek(day) <= Friday, issued + Day(days); same=true)
