function step_to(above, line)
    depth, odd = divrem(length(line) - length(lstrip(line)), 2)
    odd == 1 && throw(ArgumentError("odd number of spaces: $line"))
    depth > length(above) && throw(ArgumentError("a level is missing above: $line"))
    return String[above[1:depth]; strip(line)]
end

function outline_paths(text)
    lines = filter(line -> any(!isspace, line), split(text, '\n'))
    places = accumulate(step_to, lines; init=String[])
    return String[join(place, '/') for place in places]
end
