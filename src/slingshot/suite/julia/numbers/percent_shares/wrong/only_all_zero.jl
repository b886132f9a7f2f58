function percent_shares(counts)
    all(iszero, counts) && return zeros(length(counts))
    return round.(counts * 100 / sum(counts), digits=1)
end
