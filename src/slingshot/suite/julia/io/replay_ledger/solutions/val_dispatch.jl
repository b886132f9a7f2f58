struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

struct Refused <: Exception
    reason::Symbol
end

function cents_in(word)
    cents = tryparse(Int, word)
    return isnothing(cents) || cents <= 0 ? throw(Refused(:syntax)) : cents
end

known(balances, name) = haskey(balances, name) ? name : throw(Refused(:account))

apply!(balances, ::Val, words...) = throw(Refused(:syntax))

function apply!(balances, ::Val{:open}, name)
    haskey(balances, name) && throw(Refused(:account))
    balances[name] = 0
end

function apply!(balances, ::Val{:in}, name, word)
    cents = cents_in(word)
    balances[known(balances, name)] += cents
end

function apply!(balances, ::Val{:move}, from, to, word)
    cents = cents_in(word)
    known(balances, to)
    balances[known(balances, from)] < cents && throw(Refused(:funds))
    balances[from] -= cents
    balances[to] += cents
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (line, text) in enumerate(eachline(io))
        words = split(text)
        isempty(words) && continue
        try
            apply!(balances, Val(Symbol(words[1])), words[2:end]...)
        catch e
            e isa Refused ? throw(LedgerError(line, e.reason)) : rethrow()
        end
    end
    return balances
end
