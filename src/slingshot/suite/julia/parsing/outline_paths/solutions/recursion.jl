depth_of(line) = (length(line) - length(lstrip(line))) / 2

# Paths of the lines from the first on, below the places in `above`.
function paths_from(lines, above)
    isempty(lines) && return String[]
    line = first(lines)
    depth = depth_of(line)
    depth in 0:length(above) || throw(ArgumentError("misplaced line: $line"))
    here = vcat(above[1:Int(depth)], strip(line))
    return vcat(join(here, '/'), paths_from(lines[2:end], here))
end

outline_paths(text) = paths_from(filter(l -> !isempty(strip(l)), split(text, '\n')), String[])
