function outline_paths(text)
    above = String[]
    paths = String[]
    for line in split(text, '\n')
        isempty(strip(line)) && continue
        depth, odd = divrem(length(line) - length(lstrip(line)), 2)
        (odd == 1 || depth > length(above)) && throw(ArgumentError("misplaced line: $line"))
        if depth < length(above)
            above[depth+1] = strip(line)
        else
            push!(above, strip(line))
        end
        push!(paths, join(above, "/"))
    end
    return paths
end
