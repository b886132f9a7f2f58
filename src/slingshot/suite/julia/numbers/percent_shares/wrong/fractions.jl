function percent_shares(counts)
    total = sum(counts)
    total == 0 && return zeros(length(counts))
    return map(c -> round(c / total, digits=1), counts)
end
