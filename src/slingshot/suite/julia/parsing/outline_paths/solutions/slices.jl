function outline_paths(text)
    above = String[]
    paths = String[]
    for line in split(text, '\n')
        isempty(strip(line)) && continue
        spaces = length(line) - length(lstrip(line))
        isodd(spaces) && throw(ArgumentError("odd number of spaces: $line"))
        depth = spaces ÷ 2
        depth <= length(above) || throw(ArgumentError("too deep: $line"))
        above = [above[1:depth]; strip(line)]
        push!(paths, join(above, '/'))
    end
    return paths
end
