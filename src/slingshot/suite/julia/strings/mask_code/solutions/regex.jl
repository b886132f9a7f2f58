mask_code(code, keep) =
    replace(code, Regex(".(?=.{$keep})", "s") => "*")
