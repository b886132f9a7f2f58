# One method for each kind of place: with readings on both sides, or on one side only.
between(readings, ::Nothing, after::Int, i) = Float64(readings[after])
between(readings, before::Int, ::Nothing, i) = Float64(readings[before])
function between(readings, before::Int, after::Int, i)
    before == after && return Float64(readings[i])
    weight = (i - before) / (after - before)
    return (1 - weight) * readings[before] + weight * readings[after]
end

function fill_gaps(readings)
    all(ismissing, readings) && throw(ArgumentError("there is no reading"))
    return map(eachindex(readings)) do i
        before = findprev(!ismissing, readings, i)
        after = findnext(!ismissing, readings, i)
        between(readings, before, after, i)
    end
end
