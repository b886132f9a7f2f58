function mask_code(code, keep)
    hidden = length(code) - keep
    hidden <= 0 && return code
    start = nextind(code, 0, hidden + 1)  # the byte at which the shown part begins
    return repeat('*', hidden) * SubString(code, start)
end
