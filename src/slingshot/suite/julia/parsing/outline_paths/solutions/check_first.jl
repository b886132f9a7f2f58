function outline_paths(text)
    lines = [line for line in split(text, '\n') if !isempty(strip(line))]
    indents = [length(line) - length(lstrip(line)) for line in lines]
    before = -2
    for indent in indents
        isodd(indent) && throw(ArgumentError("a line starts with $indent spaces"))
        indent > before + 2 && throw(ArgumentError("a line skips a level"))
        before = indent
    end
    # The place around line i is the last one before it that starts further left.
    paths = String[]
    for (i, line) in enumerate(lines)
        around = findlast(<(indents[i]), indents[1:i-1])
        name = strip(line)
        push!(paths, around === nothing ? name : paths[around] * "/" * name)
    end
    return paths
end
