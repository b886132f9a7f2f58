function read_levels(io)
    levels = Float64[]
    for line in eachline(io)
        (isempty(line) || startswith(line, "#")) && continue
        push!(levels, parse(Float64, line))
    end
    return levels
end
