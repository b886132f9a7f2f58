function percent_shares(counts)
    total = sum(counts)
    iszero(total) && return zero.(counts)
    return round.(counts ./ total, digits=1) .* 100
end
