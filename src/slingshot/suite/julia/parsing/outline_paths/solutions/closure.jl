function outline_paths(text)
    above = String[]
    function path_of(line)
        depth, odd = divrem(length(line) - length(lstrip(line)), 2)
        fits = iszero(odd) && depth <= length(above)
        fits || throw(ArgumentError("the line does not fit: $line"))
        deleteat!(above, depth+1:length(above))
        push!(above, strip(line))
        return join(above, '/')
    end
    return [path_of(line) for line in split(text, '\n') if !isempty(strip(line))]
end
