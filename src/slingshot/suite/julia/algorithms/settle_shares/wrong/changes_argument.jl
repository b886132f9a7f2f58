function settle_shares(balances)
    isempty(balances) && return []
    sum(values(balances)) == 0 || throw(ArgumentError("not balanced"))
    payments = []
    while any(!iszero, values(balances))
        names = sort(collect(keys(balances)))
        _, i = findmin([balances[name] for name in names])
        _, j = findmax([balances[name] for name in names])
        from, to = names[i], names[j]
        cents = min(-balances[from], balances[to])
        balances[from] += cents
        balances[to] -= cents
        push!(payments, (from, to, cents))
    end
    return payments
end
