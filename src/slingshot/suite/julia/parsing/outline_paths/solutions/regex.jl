function outline_paths(text)
    above = SubString{String}[]
    paths = String[]
    for m in eachmatch(r"^( *)(\S.*?) *$"m, text)
        depth = length(m[1]) / 2
        isinteger(depth) && depth <= length(above) || throw(ArgumentError("misplaced: $(m[2])"))
        resize!(above, Int(depth))
        push!(above, m[2])
        push!(paths, join(above, "/"))
    end
    return paths
end
