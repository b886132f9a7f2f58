using Dates
function parse_days(text)
    start, stop = Date(first(text, 10)), Date(last(text, 10))
    return start .+ Day.(0:(stop - start).value)
end
