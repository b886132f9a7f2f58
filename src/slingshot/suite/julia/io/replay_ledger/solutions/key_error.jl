struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

function execute!(balances, words, line)
    command = words[1]
    if command == "open" && length(words) == 2
        haskey(balances, words[2]) && throw(KeyError(words[2]))
        balances[words[2]] = 0
    elseif (command == "in" && length(words) == 3) || (command == "move" && length(words) == 4)
        cents = parse(Int, words[end])
        cents > 0 || throw(ArgumentError("nothing to pay"))
        # A KeyError comes from the first name that is unknown, before anything is changed.
        old = [balances[name] for name in words[2:end-1]]
        if command == "move"
            first(old) < cents && throw(LedgerError(line, :funds))
            balances[words[2]] -= cents
        end
        balances[words[end-1]] += cents
    else
        throw(ArgumentError("no command: $command"))
    end
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (line, text) in enumerate(eachline(io))
        words = split(text)
        isempty(words) && continue
        try
            execute!(balances, words, line)
        catch e
            e isa KeyError && throw(LedgerError(line, :account))
            e isa LedgerError && rethrow()
            throw(LedgerError(line, :syntax))
        end
    end
    return balances
end
