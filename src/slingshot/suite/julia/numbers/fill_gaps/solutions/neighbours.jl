# The value at place `i` from the nearest readings on both sides.
function value_at(readings, i)
    before = findprev(!ismissing, readings, i)
    after = findnext(!ismissing, readings, i)
    before === nothing && return Float64(readings[after])
    after === nothing && return Float64(readings[before])
    before == after && return Float64(readings[i])
    rise = readings[after] - readings[before]
    return readings[before] + rise * (i - before) / (after - before)
end

function fill_gaps(readings)
    all(ismissing, readings) && throw(ArgumentError("nothing was read"))
    return Float64[value_at(readings, i) for i in eachindex(readings)]
end
