function mask_code(code, keep)
    n = sizeof(code)
    n <= keep && return code
    return "*"^(n - keep) * code[n-keep+1:end]
end
