function outline_paths(text)
    above, paths = String[], String[]
    for line in eachline(IOBuffer(text))
        name = String(strip(line))
        isempty(name) && continue
        indent = something(findfirst(c -> c != ' ', line)) - 1
        if indent % 2 == 1 || indent ÷ 2 > length(above)
            throw(ArgumentError("bad indentation: $(repr(line))"))
        end
        splice!(above, indent÷2+1:length(above), [name])
        push!(paths, join(above, '/'))
    end
    return paths
end
