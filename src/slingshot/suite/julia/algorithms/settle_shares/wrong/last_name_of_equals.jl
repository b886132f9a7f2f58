function settle_shares(balances)
    names = sort(collect(keys(balances)), rev=true)
    left = Int[balances[name] for name in names]
    sum(left) == 0 || throw(ArgumentError("not balanced"))
    payments = Tuple{String,String,Int}[]
    while any(!iszero, left)
        from, to = argmin(left), argmax(left)
        cents = min(-left[from], left[to])
        left[from] += cents
        left[to] -= cents
        push!(payments, (names[from], names[to], cents))
    end
    return payments
end
