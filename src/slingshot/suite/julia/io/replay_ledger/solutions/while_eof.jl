struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

function amount(word, line)
    cents = tryparse(Int, word)
    isnothing(cents) && throw(LedgerError(line, :syntax))
    return cents > 0 ? cents : throw(LedgerError(line, :syntax))
end

function replay_ledger(io)
    accounts = Dict{String,Int}()
    line = 0
    while !eof(io)
        line += 1
        words = split(readline(io))
        isempty(words) && continue
        kind = popfirst!(words)
        if kind == "open" && length(words) == 1
            name = words[1]
            name in keys(accounts) && throw(LedgerError(line, :account))
            accounts[name] = 0
        elseif kind == "in" && length(words) == 2
            cents = amount(words[2], line)
            words[1] in keys(accounts) || throw(LedgerError(line, :account))
            accounts[words[1]] += cents
        elseif kind == "move" && length(words) == 3
            cents = amount(words[3], line)
            from, to = words
            issubset([from, to], keys(accounts)) || throw(LedgerError(line, :account))
            accounts[from] >= cents || throw(LedgerError(line, :funds))
            accounts[from] -= cents
            accounts[to] += cents
        else
            throw(LedgerError(line, :syntax))
        end
    end
    return accounts
end
