function pad_cell(text, width)
    chars = [collect(text); fill(' ', width)]
    mark = length(text) > width ? '~' : chars[width]
    return String([chars[1:width-1]; mark])
end
