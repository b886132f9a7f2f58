using Dates

# How many steps it takes from the month of one date to that of another.
month_steps(from, to) = 12 * (year(to) - year(from)) + month(to) - month(from)

function split_months(from, to)
    to < from && return Tuple{Date,Date}[]
    parts = Tuple{Date,Date}[]
    for step in 0:month_steps(from, to)
        date = from + Month(step)
        push!(parts, (max(from, firstdayofmonth(date)), min(to, lastdayofmonth(date))))
    end
    return parts
end
