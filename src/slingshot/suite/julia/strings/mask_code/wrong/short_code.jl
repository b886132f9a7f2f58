mask_code(code, keep) = "*"^(length(code) - keep) * last(code, keep)
