function mask_code(code, keep)
    length(code) <= keep && return code
    hidden = length(code) - keep
    return repeat("*", hidden) * chop(code, head=hidden, tail=0)
end
