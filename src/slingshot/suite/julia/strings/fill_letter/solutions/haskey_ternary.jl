function fill_letter(template, values)
    function fill_mark(mark)
        name = chop(mark, head=1, tail=1)
        return isempty(name) ? mark[1] : haskey(values, name) ? values[name] : mark
    end
    return replace(template, r"\{(\{|\w+\})|\}\}" => fill_mark)
end
