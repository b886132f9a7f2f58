function read_levels(io)
    levels = Float64[]
    for line in eachline(io)
        number = strip(first(split(line, '#')))
        isempty(number) || push!(levels, parse(Float64, number))
    end
    return levels
end
