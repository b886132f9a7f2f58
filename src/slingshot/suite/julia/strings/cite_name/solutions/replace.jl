function cite_name(name)
    cut = findlast(' ', name)
    cut === nothing && return name
    # Each given name shrinks to its first letter and a dot.
    given = replace(strip(name[1:cut]), r"(\S)\S*\s*" => s"\1. ")
    return name[cut+1:end] * ", " * uppercase(rstrip(given))
end
