using Dates

function split_months(from, to)
    foldl(from:Day(1):to; init=Tuple{Date,Date}[]) do parts, date
        if date == from || date == firstdayofmonth(date)
            push!(parts, (date, min(to, lastdayofmonth(date))))
        end
        parts
    end
end
