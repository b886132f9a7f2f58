# What stands for a mark of the template, given the values.
function filler(values)
    return function (mark)
        mark == "{{" && return '{'
        mark == "}}" && return '}'
        for (name, value) in values
            mark == "{$name}" && return value
        end
        return mark
    end
end

fill_letter(template, values) = replace(template, r"\{\{|\}\}|\{\w+\}" => filler(values))
