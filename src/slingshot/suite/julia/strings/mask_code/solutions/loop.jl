function mask_code(code, keep)
    chars = collect(code)
    for i in 1:length(chars)-keep
        chars[i] = '*'
    end
    return String(chars)
end
