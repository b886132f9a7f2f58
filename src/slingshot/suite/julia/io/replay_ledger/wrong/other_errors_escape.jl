struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

function replay_ledger(io)
    accounts = Dict{String,Int}()
    for (number, text) in enumerate(eachline(io))
        words = split(text)
        isempty(words) && continue
        if words[1] == "open"
            haskey(accounts, words[2]) && throw(LedgerError(number, :account))
            accounts[words[2]] = 0
        elseif words[1] == "in"
            accounts[words[2]] += parse(Int, words[3])
        elseif words[1] == "move"
            cents = parse(Int, words[4])
            accounts[words[2]] < cents && throw(LedgerError(number, :funds))
            accounts[words[2]] -= cents
            accounts[words[3]] += cents
        else
            throw(LedgerError(number, :syntax))
        end
    end
    return accounts
end
