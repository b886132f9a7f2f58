function cite_name(name)
    words = split(name)
    n = length(words)
    n < 2 && return join(words)
    given = Iterators.take(words, n - 1)
    initials = (uppercase(first(word)) * '.' for word in given)
    return join(Iterators.flatten(([words[n] * ","], initials)), ' ')
end
