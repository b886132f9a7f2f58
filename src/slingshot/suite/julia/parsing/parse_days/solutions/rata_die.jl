using Dates
function parse_days(text)
    # Count days as whole numbers, and turn each number back into a date.
    numbers = [Dates.datetime2rata(Date(part)) for part in split(text, "..")]
    return [Date(Dates.rata2datetime(n)) for n in numbers[1]:numbers[end]]
end
