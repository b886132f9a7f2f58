function outline_paths(text)
    names = Dict{Int,String}()
    paths = String[]
    for line in split(text, '\n')
        isempty(strip(line)) && continue
        depth, odd = divrem(length(line) - length(lstrip(line)), 2)
        odd == 0 || throw(ArgumentError("odd number of spaces: $line"))
        names[depth] = strip(line)
        push!(paths, join([names[d] for d in 0:depth if haskey(names, d)], "/"))
    end
    return paths
end
