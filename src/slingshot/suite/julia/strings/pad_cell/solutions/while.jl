function pad_cell(text, width)
    length(text) > width && (text = first(text, width - 1) * "~")
    while length(text) < width
        text *= " "
    end
    return text
end
