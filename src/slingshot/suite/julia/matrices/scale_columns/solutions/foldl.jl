function scale_columns(readings)
    nothing_yet = zeros(size(readings, 1), 0)
    foldl(eachcol(readings); init=nothing_yet) do done, column
        low = minimum(column)
        span = maximum(column) - low
        hcat(done, span == 0 ? zero(column) : (column .- low) / span)
    end
end
