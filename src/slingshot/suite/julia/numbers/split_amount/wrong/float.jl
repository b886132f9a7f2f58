function split_amount(cents, weights)
    parts = floor.(Int, cents .* weights ./ sum(weights))
    left = cents - sum(parts)
    parts[1:left] .+= 1
    return parts
end
