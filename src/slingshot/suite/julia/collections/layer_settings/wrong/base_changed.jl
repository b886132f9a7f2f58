function layer_settings(base, extra)
    for (key, value) in extra
        if value !== nothing
            base[key] = value
        end
    end
    return base
end
