struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

positive(word) = something(tryparse(Int, word), 0) > 0

function is_command(words)
    command, n = words[1], length(words)
    command == "open" && return n == 2
    command == "in" && return n == 3 && positive(words[3])
    return command == "move" && n == 4 && positive(words[4])
end

function reason_against(words, balances)
    is_command(words) || return :syntax
    words[1] == "open" && return haskey(balances, words[2]) ? :account : nothing
    all(haskey.(Ref(balances), words[2:end-1])) || return :account
    return words[1] == "move" && balances[words[2]] < parse(Int, words[4]) ? :funds : nothing
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (line, text) in enumerate(eachline(io))
        words = split(text)
        isempty(words) && continue
        reason = reason_against(words, balances)
        reason === nothing || throw(LedgerError(line, reason))
        if words[1] == "open"
            balances[words[2]] = 0
        else
            cents = parse(Int, words[end])
            words[1] == "move" && (balances[words[2]] -= cents)
            balances[words[end-1]] += cents
        end
    end
    return balances
end
