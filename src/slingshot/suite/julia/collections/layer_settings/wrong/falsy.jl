function layer_settings(base, extra)
    combined = copy(base)
    for (key, value) in extra
        if value !== nothing && value !== false
            combined[key] = value
        end
    end
    return combined
end
