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
            haskey(accounts, words[2]) && throw(LedgerError(number, :account))
            accounts[words[2]] = 0
        elseif (words[1] == "in" && length(words) == 3) || (words[1] == "move" && length(words) == 4)
            cents = tryparse(Int, words[end])
            (cents === nothing || cents < 1) && throw(LedgerError(number, :syntax))
            if words[1] == "move"
                get(accounts, words[2], 0) < cents && throw(LedgerError(number, :funds))
                accounts[words[2]] -= cents
            end
            haskey(accounts, words[end-1]) || throw(LedgerError(number, :account))
            accounts[words[end-1]] += cents
        else
            throw(LedgerError(number, :syntax))
        end
    end
    return accounts
end
