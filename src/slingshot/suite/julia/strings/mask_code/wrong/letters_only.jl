function mask_code(code, keep)
    n = length(code) - keep
    return join(i <= n && (isletter(c) || isdigit(c)) ? '*' : c for (i, c) in enumerate(code))
end
