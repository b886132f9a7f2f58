function mask_code(code, keep)
    chars = collect(code)
    shown = min(keep, length(chars))
    hidden = length(chars) - shown
    return String(vcat(fill('*', hidden), chars[hidden+1:end]))
end
