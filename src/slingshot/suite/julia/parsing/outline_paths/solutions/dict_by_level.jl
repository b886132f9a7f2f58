function outline_paths(text)
    names = Dict{Int,String}()
    previous = -1
    paths = String[]
    for line in split(text, '\n')
        isempty(strip(line)) && continue
        level, odd = divrem(length(line) - length(lstrip(line)), 2)
        odd == 1 && throw(ArgumentError("odd number of spaces: $line"))
        level > previous + 1 && throw(ArgumentError("a level is skipped: $line"))
        names[level] = strip(line)
        previous = level
        push!(paths, join((names[l] for l in 0:level), "/"))
    end
    return paths
end
