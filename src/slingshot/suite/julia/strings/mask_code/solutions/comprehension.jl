function mask_code(code, keep)
    n = length(code)
    return join([i > n - keep ? c : '*' for (i, c) in enumerate(code)])
end
