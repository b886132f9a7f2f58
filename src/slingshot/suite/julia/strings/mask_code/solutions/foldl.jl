function mask_code(code, keep)
    hidden = length(code) - keep
    masked, _ = foldl(code; init=("", 1)) do (text, i), c
        (text * (i <= hidden ? '*' : c), i + 1)
    end
    return masked
end
