function mask_code(code, keep)
    keep = max(keep, 1)
    length(code) <= keep && return code
    return "*"^(length(code) - keep) * last(code, keep)
end
