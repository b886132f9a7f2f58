function window_change(values, k)
    changes = similar(values, 0)
    i = 1
    while i + k <= length(values)
        push!(changes, values[i+k] - values[i])
        i += 1
    end
    return changes
end
