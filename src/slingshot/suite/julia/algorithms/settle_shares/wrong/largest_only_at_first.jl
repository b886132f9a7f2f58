function settle_shares(balances)
    sum(values(balances)) == 0 || throw(ArgumentError("not balanced"))
    owing = sort([(cents, name) for (name, cents) in balances if cents < 0])
    owed = sort([(-cents, name) for (name, cents) in balances if cents > 0])
    payments = Tuple{String,String,Int}[]
    while !isempty(owing)
        (debt, from), (claim, to) = owing[1], owed[1]
        cents = min(-debt, -claim)
        push!(payments, (from, to, cents))
        owing[1], owed[1] = (debt + cents, from), (claim + cents, to)
        filter!(entry -> entry[1] != 0, owing)
        filter!(entry -> entry[1] != 0, owed)
    end
    return payments
end
