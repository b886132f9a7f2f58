function window_change(values, k)
    changes = eltype(values)[]
    for i in 1:length(values)-k-1
        push!(changes, values[i+k] - values[i])
    end
    return changes
end
