struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

"""The changes of balances that a command asks for, as `name => cents`; `nothing` if it is malformed."""
function changes(words)
    length(words) in (3, 4) || return nothing
    cents = tryparse(Int, words[end])
    (isnothing(cents) || cents < 1) && return nothing
    length(words) == 3 && words[1] == "in" && return [words[2] => cents]
    length(words) == 4 && words[1] == "move" && return [words[2] => -cents, words[3] => cents]
    return nothing
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (line, text) in enumerate(eachline(io))
        words = split(text)
        isempty(words) && continue
        if words[1] == "open" && length(words) == 2
            haskey(balances, words[2]) && throw(LedgerError(line, :account))
            balances[words[2]] = 0
            continue
        end
        wanted = changes(words)
        isnothing(wanted) && throw(LedgerError(line, :syntax))
        all(haskey(balances, name) for (name, _) in wanted) || throw(LedgerError(line, :account))
        for (name, cents) in wanted
            balances[name] + cents < 0 && throw(LedgerError(line, :funds))
            balances[name] += cents
        end
    end
    return balances
end
