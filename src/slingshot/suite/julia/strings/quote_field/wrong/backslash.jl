function quote_field(text)
    occursin(r"[,\"\n]", text) || return text
    return "\"" * replace(text, "\"" => "\\\"") * "\""
end
