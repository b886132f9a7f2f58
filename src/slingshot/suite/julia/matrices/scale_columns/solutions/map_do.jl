function scale_columns(readings)
    columns = map(collect(eachcol(readings))) do column
        offset = column .- minimum(column)
        any(!iszero, offset) ? offset ./ maximum(offset) : zeros(length(offset))
    end
    return hcat(columns...)
end
