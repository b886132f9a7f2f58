function cite_name(name)
    given = [uppercase(first(m.match)) for m in eachmatch(r"\S+(?=\s+\S)", name)]
    surname = match(r"\S*$", rstrip(name)).match
    return isempty(given) ? surname : "$surname, " * join(given, ". ") * "."
end
