function read_levels(io)
    levels = []
    for line in eachline(io)
        line = strip(line)
        if line != "" && line[1] != '#'
            push!(levels, parse(Float64, line))
        end
    end
    return levels
end
