using Dates
function parse_days(text)
    m = match(r"^(.+)\.\.(.+)$", text)
    m === nothing && return [Date(text)]
    return collect(Date(m[1]):Day(1):Date(m[2]))
end
