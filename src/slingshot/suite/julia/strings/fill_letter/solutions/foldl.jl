function fill_letter(template, values)
    tokens = eachmatch(r"\{\{|\}\}|\{(\w+)\}|[^{}]+|."s, template)
    return foldl(tokens; init="") do letter, token
        if token.match == "{{" || token.match == "}}"
            letter * token.match[1]
        elseif token[1] !== nothing
            letter * string(get(values, token[1], token.match))
        else
            letter * token.match
        end
    end
end
