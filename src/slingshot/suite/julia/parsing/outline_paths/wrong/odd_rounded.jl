function outline_paths(text)
    above = String[]
    paths = String[]
    for line in split(text, '\n')
        isempty(strip(line)) && continue
        depth = (length(line) - length(lstrip(line))) ÷ 2
        depth > length(above) && throw(ArgumentError("too deep: $line"))
        above = [above[1:depth]; strip(line)]
        push!(paths, join(above, "/"))
    end
    return paths
end
