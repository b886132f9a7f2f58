struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

function replay_ledger(io)
    accounts = Dict{String,Int}()
    for (number, text) in enumerate(eachline(io))
        words = split(text)
        isempty(words) && continue
        if words[1] == "open" && length(words) == 2
            accounts[words[2]] = 0
        elseif (words[1] == "in" && length(words) == 3) || (words[1] == "move" && length(words) == 4)
            cents = tryparse(Int, words[end])
            (cents === nothing || cents < 1) && throw(LedgerError(number, :syntax))
            all(haskey(accounts, name) for name in words[2:end-1]) || throw(LedgerError(number, :account))
            if words[1] == "move"
                accounts[words[2]] < cents && throw(LedgerError(number, :funds))
                accounts[words[2]] -= cents
            end
            accounts[words[end-1]] += cents
        else
            throw(LedgerError(number, :syntax))
        end
    end
    return accounts
end
