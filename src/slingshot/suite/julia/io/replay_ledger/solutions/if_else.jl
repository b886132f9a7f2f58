struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    number = 0
    for line in eachline(io)
        number += 1
        words = split(line)
        if isempty(words)
            continue
        elseif words[1] == "open" && length(words) == 2
            haskey(balances, words[2]) && throw(LedgerError(number, :account))
            balances[words[2]] = 0
        elseif words[1] == "in" && length(words) == 3
            cents = tryparse(Int, words[3])
            (cents === nothing || cents <= 0) && throw(LedgerError(number, :syntax))
            haskey(balances, words[2]) || throw(LedgerError(number, :account))
            balances[words[2]] += cents
        elseif words[1] == "move" && length(words) == 4
            cents = tryparse(Int, words[4])
            (cents === nothing || cents <= 0) && throw(LedgerError(number, :syntax))
            haskey(balances, words[2]) || throw(LedgerError(number, :account))
            haskey(balances, words[3]) || throw(LedgerError(number, :account))
            balances[words[2]] < cents && throw(LedgerError(number, :funds))
            balances[words[2]] -= cents
            balances[words[3]] += cents
        else
            throw(LedgerError(number, :syntax))
        end
    end
    return balances
end
