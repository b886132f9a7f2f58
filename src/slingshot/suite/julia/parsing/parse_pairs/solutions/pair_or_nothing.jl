"A setting as a pair, or `nothing` if the piece has no equals sign."
function setting(piece)
    occursin('=', piece) || return nothing
    key, value = split(piece, '='; limit=2)
    return String(strip(key)) => String(strip(value))
end

function parse_pairs(line)
    settings = map(setting, split(line, ';'))
    return Dict{String,String}(filter(!isnothing, settings))
end
