"One column between 0 and 1, or all 0 if it is constant."
function scaled(column)
    low, high = extrema(column)
    low == high && return zeros(length(column))
    return [(value - low) / (high - low) for value in column]
end

scale_columns(readings) = reduce(hcat, [scaled(column) for column in eachcol(readings)])
