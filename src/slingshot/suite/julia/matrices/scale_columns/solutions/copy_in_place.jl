function scale!(column)
    column .-= minimum(column)
    highest = maximum(column)
    if highest > 0
        column ./= highest
    end
    return column
end

function scale_columns(readings)
    result = Matrix{Float64}(readings)    # always a copy
    foreach(scale!, eachcol(result))
    return result
end
