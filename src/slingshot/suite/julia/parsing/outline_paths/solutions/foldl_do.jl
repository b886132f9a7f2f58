function outline_paths(text)
    lines = filter(line -> !isempty(strip(line)), split(text, '\n'))
    start = (above=String[], paths=String[])
    finished = foldl(lines; init=start) do state, line
        depth, odd = divrem(length(line) - length(lstrip(line)), 2)
        if odd == 1 || depth > length(state.above)
            throw(ArgumentError("misplaced line: $line"))
        end
        above = vcat(collect(Iterators.take(state.above, depth)), strip(line))
        return (above=above, paths=[state.paths; join(above, '/')])
    end
    return finished.paths
end
