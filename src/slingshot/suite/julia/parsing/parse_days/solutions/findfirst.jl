using Dates
function parse_days(text)
    dots = findfirst("..", text)
    dots === nothing && return [Date(text)]
    start = Date(text[1:first(dots)-1])
    stop = Date(text[last(dots)+1:end])
    return collect(range(start; stop=stop, step=Day(1)))
end
