function quote_field(text)
    occursin(',', text) || occursin('"', text) || return text
    return "\"" * replace(text, "\"" => "\"\"") * "\""
end
