function outline_paths(text)
    names = Vector{String}[]
    for line in split(text, '\n')
        all(isspace, line) && continue
        start = findfirst(!isspace, line)
        isodd(start) || throw(ArgumentError("odd indentation: $line"))
        parents = isempty(names) ? String[] : last(names)
        depth = start ÷ 2
        depth > length(parents) && throw(ArgumentError("nothing to be below: $line"))
        push!(names, [parents[1:depth]..., rstrip(line[start:end])])
    end
    return join.(names, "/")
end
