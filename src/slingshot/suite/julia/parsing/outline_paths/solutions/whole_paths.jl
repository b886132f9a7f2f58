# Keep the latest path of every level: a line extends the one of the level above.
function outline_paths(text)
    latest = String[]
    paths = String[]
    for line in split(text, '\n')
        name = strip(line)
        name == "" && continue
        depth, rest = divrem(findfirst(!isspace, line) - 1, 2)
        rest == 0 || throw(ArgumentError("odd number of spaces before $name"))
        depth > length(latest) && throw(ArgumentError("$name is too deep"))
        path = depth == 0 ? String(name) : latest[depth] * "/" * name
        latest = push!(latest[1:depth], path)
        push!(paths, path)
    end
    return paths
end
