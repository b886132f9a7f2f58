"""
    fill_letter(template, values)

Replace the fields of a form letter by their values, doubled braces by single ones.
"""
function fill_letter(template, values)
    replace(template, r"(\{\{)|(\}\})|\{\w+\}" => function (mark)
        if mark == "{{" || mark == "}}"
            return mark[1]
        end
        name = match(r"\w+", mark).match
        return get(values, name) do
            mark
        end
    end)
end
