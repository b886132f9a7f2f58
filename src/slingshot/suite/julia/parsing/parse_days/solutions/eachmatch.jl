using Dates
function parse_days(text)
    days = [Date(m.match) for m in eachmatch(r"\d+-\d+-\d+", text)]
    return [range(days[1], stop=days[end], step=Day(1));]
end
