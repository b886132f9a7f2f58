apply!(settings, key, value) = settings[key] = value
apply!(settings, key, ::Nothing) = settings
function layer_settings(base, extra)
    settings = copy(base)
    foreach(p -> apply!(settings, p...), extra)
    return settings
end
