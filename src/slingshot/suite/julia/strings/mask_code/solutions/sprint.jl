function mask_code(code, keep)
    n = length(code) - keep
    sprint() do io
        for (i, c) in enumerate(code)
            print(io, i <= n ? '*' : c)
        end
    end
end
