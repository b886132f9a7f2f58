function pad_cell(text, width)
    extra = width - length(text)
    if extra >= 0
        return string(text, repeat(' ', extra))
    else
        return string(text[1:nextind(text, 0, width - 1)], '~')
    end
end
