function outline_paths(text)
    above = String[]
    paths = String[]
    for line in split(text, '\n')
        isempty(strip(line)) && continue
        depth, odd = divrem(length(line) - length(lstrip(line)), 2)
        odd == 1 && error("odd number of spaces")
        above = [above[1:depth]; strip(line)]
        push!(paths, join(above, "/"))
    end
    return paths
end
