function read_levels(io)
    levels = Float64[]
    for line in eachline(io)
        line = strip(line)
        (isempty(line) || startswith(line, "#")) && continue
        level = tryparse(Float64, line)
        isnothing(level) && error("no number: $line")
        push!(levels, level)
    end
    return levels
end
