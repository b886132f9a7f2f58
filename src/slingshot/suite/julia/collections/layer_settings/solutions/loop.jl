function layer_settings(base, extra)
    result = copy(base)
    for (key, value) in extra
        if value !== nothing
            result[key] = value
        end
    end
    return result
end
