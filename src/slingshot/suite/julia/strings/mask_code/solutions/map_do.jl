function mask_code(code, keep)
    left = length(code)
    return map(code) do c
        left -= 1
        left < keep ? c : '*'
    end
end
