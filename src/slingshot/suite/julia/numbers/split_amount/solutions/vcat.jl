function split_amount(cents, weights)
    parts = div.(cents * weights, sum(weights))
    n = cents - sum(parts)
    return [parts[1:n] .+ 1; parts[n+1:end]]
end
