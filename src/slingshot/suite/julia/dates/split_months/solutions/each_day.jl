using Dates

function split_months(from, to)
    parts = Tuple{Date,Date}[]
    for date in from:Day(1):to
        if isempty(parts) || day(date) == 1
            push!(parts, (date, date))
        else
            parts[end] = (parts[end][1], date)
        end
    end
    return parts
end
