cite_name(name) = cite(split(name)...)
cite() = ""
cite(word) = word
function cite(words...)
    initials = map(w -> uppercase(w[1]) * ".", words[1:end-1])
    return join((words[end] * ",", initials...), " ")
end
