function outline_paths(text)
    above = String[]
    paths = String[]
    for line in split(text, '\n')
        depth, odd = divrem(length(line) - length(lstrip(line)), 2)
        (odd == 1 || depth > length(above)) && throw(ArgumentError("misplaced line: $line"))
        above = [above[1:depth]; strip(line)]
        push!(paths, join(above, "/"))
    end
    return paths
end
