function pad_cell(text, width)
    extra = length(text) - width
    return extra > 0 ? chop(text, tail=extra + 1) * "~" : text * " "^-extra
end
