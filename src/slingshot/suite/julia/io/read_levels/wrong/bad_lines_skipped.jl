function read_levels(io)
    levels = Float64[]
    for line in eachline(io)
        level = tryparse(Float64, strip(line))
        level === nothing || push!(levels, level)
    end
    return levels
end
