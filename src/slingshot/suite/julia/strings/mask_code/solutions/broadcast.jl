function mask_code(code, keep)
    chars = collect(code)
    chars[1:max(0, end - keep)] .= '*'
    return join(chars)
end
