using Dates

# The part of a day's office hours that lies in minutes `low` to `high` of the day.
overlap(low, high) = length(intersect(low+1:high, 9*60+1:17*60))

minute_of_day(moment) = 60 * hour(moment) + minute(moment)

function office_minutes(from, to, holidays)
    total = 0
    for day in Date(from):Day(1):Date(to)
        dayofweek(day) > 5 && continue
        day in holidays && continue
        low = day == Date(from) ? minute_of_day(from) : 0
        high = day == Date(to) ? minute_of_day(to) : 24 * 60
        total += overlap(low, high)
    end
    return total
end
