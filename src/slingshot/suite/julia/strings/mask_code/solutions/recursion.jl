function mask_code(code, keep)
    length(code) <= keep && return code
    return "*" * mask_code(code[nextind(code, 1):end], keep)
end
