function cite_name(name)
    occursin(' ', name) || return name
    given, surname = rsplit(name, ' '; limit=2)
    letters = [uppercase(word[1]) for word in split(given)]
    return surname * ", " * join(letters, ". ") * "."
end
