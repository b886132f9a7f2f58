function pad_cell(text, width)
    chars = collect(text)
    n = length(chars)
    n > width && (chars[width] = '~')
    return join([i <= n ? chars[i] : ' ' for i in 1:width])
end
