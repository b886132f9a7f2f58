function window_change(values, k)
    changes = similar(values, length(values) - k)
    for i in eachindex(changes)
        changes[i] = values[i+k] - values[i]
    end
    return changes
end
