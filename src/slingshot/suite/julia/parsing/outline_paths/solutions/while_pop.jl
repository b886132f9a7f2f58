function outline_paths(text)
    above = String[]
    paths = String[]
    for line in split(text, '\n')
        name = lstrip(line)
        isempty(name) && continue
        spaces = length(line) - length(name)
        if spaces % 2 != 0 || spaces > 2 * length(above)
            throw(ArgumentError("the indentation of \"$name\" does not fit"))
        end
        # Leave the places that this line is not in.
        while 2 * length(above) > spaces
            pop!(above)
        end
        push!(above, rstrip(name))
        push!(paths, join(above, '/'))
    end
    return paths
end
