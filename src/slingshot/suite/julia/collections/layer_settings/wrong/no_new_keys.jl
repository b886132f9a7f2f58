function layer_settings(base, extra)
    combined = copy(base)
    for key in keys(base)
        value = get(extra, key, nothing)
        value === nothing || (combined[key] = value)
    end
    return combined
end
