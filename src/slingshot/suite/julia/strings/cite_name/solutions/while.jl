function cite_name(name)
    words = split(name)
    initials = String[]
    while length(words) > 1
        given = popfirst!(words)
        push!(initials, uppercase(first(given, 1)) * ".")
    end
    surname = join(words)
    return isempty(initials) ? surname : "$surname, $(join(initials, " "))"
end
