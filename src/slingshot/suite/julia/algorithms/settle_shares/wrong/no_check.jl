function settle_shares(balances)
    left = copy(balances)
    payments = Tuple{String,String,Int}[]
    while any(<(0), values(left)) && any(>(0), values(left))
        names = sort(collect(keys(left)))
        amounts = [left[name] for name in names]
        from, to = names[argmin(amounts)], names[argmax(amounts)]
        cents = min(-left[from], left[to])
        left[from] += cents
        left[to] -= cents
        push!(payments, (from, to, cents))
    end
    return payments
end
