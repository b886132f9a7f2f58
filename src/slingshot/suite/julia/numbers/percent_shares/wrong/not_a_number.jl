function percent_shares(counts)
    total = sum(counts)
    return [round(100 * c / total, digits=1) for c in counts]
end
