function mask_code(code, keep)
    hidden = max(length(code) - keep, 0)
    return "*"^hidden * last(code, length(code) - hidden)
end
