function split_amount(cents, weights)
    parts = cents .* weights .÷ sum(weights)
    parts[1] += cents - sum(parts)
    return parts
end
