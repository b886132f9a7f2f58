function mask_code(code, keep)
    masked = last(code, keep)
    while length(masked) < length(code)
        masked = "*" * masked
    end
    return masked
end
