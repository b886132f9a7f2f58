struct Entry
    depth::Int
    name::String
end

function Entry(line::AbstractString)
    spaces = length(line) - length(lstrip(line))
    iseven(spaces) || throw(ArgumentError("odd number of spaces: $line"))
    return Entry(spaces ÷ 2, strip(line))
end

function outline_paths(text)
    entries = [Entry(line) for line in split(text, '\n') if !isempty(strip(line))]
    above = Entry[]
    return map(entries) do entry
        entry.depth <= length(above) || throw(ArgumentError("$(entry.name) is too deep"))
        filter!(other -> other.depth < entry.depth, above)
        push!(above, entry)
        join([place.name for place in above], '/')
    end
end
