function window_change(values, k)
    length(values) > k || return empty(values)
    return map(-, values[k+1:end], values[1:end-k])
end
