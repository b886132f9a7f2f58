function split_amount(cents, weights)
    total = sum(weights)
    rest = sum(rem.(cents .* weights, total)) ÷ total
    return fld.(cents .* weights, total) .+ (1:length(weights) .<= rest)
end
