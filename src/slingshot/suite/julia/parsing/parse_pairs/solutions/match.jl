function parse_pairs(line)
    result = Dict{String,String}()
    for m in match.(r"^\s*(.*?)\s*=\s*(.*?)\s*$", split(line, ";"))
        m === nothing || (result[m[1]] = m[2])
    end
    return result
end
