struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

mutable struct Ledger
    line::Int
    balances::Dict{String,Int}
end

fail(ledger, reason) = throw(LedgerError(ledger.line, reason))

has_account(ledger, name) = haskey(ledger.balances, name)

function pay!(ledger, name, cents)
    has_account(ledger, name) || fail(ledger, :account)
    ledger.balances[name] + cents >= 0 || fail(ledger, :funds)
    ledger.balances[name] += cents
end

function step!(ledger, command, args)
    if command == "open" && length(args) == 1
        has_account(ledger, args[1]) && fail(ledger, :account)
        ledger.balances[args[1]] = 0
        return
    end
    (command, length(args)) in (("in", 2), ("move", 3)) || fail(ledger, :syntax)
    cents = tryparse(Int, args[end])
    (cents === nothing || cents < 1) && fail(ledger, :syntax)
    if command == "move"
        has_account(ledger, args[2]) || fail(ledger, :account)
        pay!(ledger, args[1], -cents)
    end
    pay!(ledger, args[end-1], cents)
end

function replay_ledger(io)
    ledger = Ledger(0, Dict())
    for text in eachline(io)
        ledger.line += 1
        words = split(text)
        isempty(words) || step!(ledger, words[1], words[2:end])
    end
    return ledger.balances
end
