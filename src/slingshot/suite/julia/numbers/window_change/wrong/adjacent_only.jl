function window_change(values, k)
    isempty(values) && return values
    return diff(values)[k:end]
end
