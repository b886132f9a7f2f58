function percent_shares(counts)
    total = sum(counts)
    total == 0 && return zeros(length(counts))
    return [100.0 * c ÷ total for c in counts]
end
