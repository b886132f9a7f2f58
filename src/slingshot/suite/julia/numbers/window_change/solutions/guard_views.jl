function window_change(values, k)
    n = length(values)
    n <= k && return similar(values, 0)
    return @views values[k+1:n] - values[1:n-k]
end
