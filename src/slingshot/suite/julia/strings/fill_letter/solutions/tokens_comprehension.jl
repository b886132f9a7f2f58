function fill_letter(template, values)
    # Every token is a doubled brace, a field or a single character.
    tokens = [found.match for found in eachmatch(r"\{\{|\}\}|\{\w+\}|."s, template)]
    pieces = [written(token, values) for token in tokens]
    return join(pieces)
end

function written(token, values)
    token in ("{{", "}}") && return first(token)
    length(token) < 3 && return token
    name = token[nextind(token, 1):prevind(token, lastindex(token))]
    return get(values, name, token)
end
