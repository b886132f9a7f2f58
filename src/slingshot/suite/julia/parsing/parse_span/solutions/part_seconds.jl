"Seconds in one part such as `25m`."
function part_seconds(part)
    n = parse(Int, chop(part))
    part[end] == 's' && return n
    part[end] == 'm' && return 60n
    return 3600n
end

function parse_span(text)
    seconds = (part_seconds(part) for part in split(text))
    return foldl(+, seconds; init=0)
end
