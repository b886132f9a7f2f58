struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (number, line) in enumerate(eachline(io))
        fail(reason) = throw(LedgerError(number, reason))
        words = split(line)
        isempty(words) && continue
        command, args = words[1], words[2:end]

        if (command, length(args)) == ("open", 1)
            name = args[1]
            haskey(balances, name) && fail(:account)
            balances[name] = 0
        elseif (command, length(args)) in [("in", 2), ("move", 3)]
            cents = something(tryparse(Int, args[end]), 0)
            cents > 0 || fail(:syntax)
            all(name -> haskey(balances, name), args[1:end-1]) || fail(:account)
            if command == "move"
                cents <= balances[args[1]] || fail(:funds)
                balances[args[1]] -= cents
            end
            balances[args[end-1]] += cents
        else
            fail(:syntax)
        end
    end
    return balances
end
