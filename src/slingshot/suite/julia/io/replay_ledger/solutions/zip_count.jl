struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (number, line) in zip(Iterators.countfrom(1), eachline(io))
        error_for(reason) = LedgerError(number, reason)
        words = String.(split(line))
        n = length(words)
        n == 0 && continue

        if n == 2 && words[1] == "open"
            get(balances, words[2], nothing) === nothing || throw(error_for(:account))
            push!(balances, words[2] => 0)
            continue
        end

        (n == 3 && words[1] == "in") || (n == 4 && words[1] == "move") || throw(error_for(:syntax))
        occursin(r"^\d*[1-9]\d*$", words[n]) || throw(error_for(:syntax))
        cents = parse(Int, words[n])
        from, to = words[2], words[n-1]
        for name in (from, to)
            haskey(balances, name) || throw(error_for(:account))
        end
        if words[1] == "move"
            rest = balances[from] - cents
            rest < 0 && throw(error_for(:funds))
            balances[from] = rest
        end
        balances[to] += cents
    end
    return balances
end
