function mask_code(code, keep)
    backwards = map(enumerate(reverse(code))) do (i, c)
        i > keep ? '*' : c
    end
    return reverse(join(backwards))
end
