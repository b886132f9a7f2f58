function parse_pairs(line)
    settings = Dict{String,String}()
    key, value, in_value = "", "", false
    for c in line * ';'
        if c == ';'
            in_value && (settings[strip(key)] = strip(value))
            key, value, in_value = "", "", false
        elseif in_value
            value *= c
        elseif c == '='
            in_value = true
        else
            key *= c
        end
    end
    return settings
end
