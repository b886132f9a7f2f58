function outline_paths(text)
    above = String[]
    paths = String[]
    for line in map(rstrip, split(text, '\n'))
        isempty(line) && continue
        depth = 0
        while startswith(line, "  ")
            line = chop(line; head=2, tail=0)
            depth += 1
        end
        startswith(line, ' ') && throw(ArgumentError("one space is left before $line"))
        depth > length(above) && throw(ArgumentError("$line is too deep"))
        resize!(above, depth)
        push!(above, line)
        push!(paths, join(above, '/'))
    end
    return paths
end
