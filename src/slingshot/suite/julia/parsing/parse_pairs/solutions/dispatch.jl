# One part is a piece without `=`, two parts are a key and its value.
store!(settings, flag) = settings
store!(settings, key, value) = (settings[strip(key)] = strip(value); settings)

function parse_pairs(line)
    settings = Dict{String,String}()
    for piece in split(line, ';')
        store!(settings, split(piece, '='; limit=2)...)
    end
    return settings
end
