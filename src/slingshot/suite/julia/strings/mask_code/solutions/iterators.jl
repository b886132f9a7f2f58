function mask_code(code, keep)
    hidden = max(0, length(code) - keep)
    stars = Iterators.repeated('*', hidden)
    shown = Iterators.drop(code, hidden)
    return join(Iterators.flatten((stars, shown)))
end
