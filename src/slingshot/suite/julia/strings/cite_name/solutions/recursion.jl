function initials(words)
    isempty(words) && return ""
    return " " * uppercase(words[1][1]) * "." * initials(words[2:end])
end

function cite_name(name)
    words = split(name)
    length(words) < 2 && return join(words)
    return words[end] * "," * initials(words[1:end-1])
end
