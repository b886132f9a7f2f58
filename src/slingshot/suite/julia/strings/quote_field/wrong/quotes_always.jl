quote_field(text) = "\"" * replace(text, "\"" => "\"\"") * "\""
