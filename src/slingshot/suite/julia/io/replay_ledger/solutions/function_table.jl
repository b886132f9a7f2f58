struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

# Each command returns the reason why it failed, or nothing.
function open_account(balances, name)
    haskey(balances, name) && return :account
    balances[name] = 0
    return nothing
end

function pay_in(balances, name, amount)
    cents = tryparse(Int, amount)
    (isnothing(cents) || cents < 1) && return :syntax
    haskey(balances, name) || return :account
    balances[name] += cents
    return nothing
end

function move(balances, from, to, amount)
    cents = tryparse(Int, amount)
    (isnothing(cents) || cents < 1) && return :syntax
    (haskey(balances, from) && haskey(balances, to)) || return :account
    balances[from] < cents && return :funds
    balances[from] -= cents
    balances[to] += cents
    return nothing
end

function replay_ledger(io)
    commands = Dict(("open", 2) => open_account, ("in", 3) => pay_in, ("move", 4) => move)
    balances = Dict{String,Int}()
    for (line, text) in enumerate(readlines(io))
        words = split(text)
        isempty(words) && continue
        command = get(commands, (words[1], length(words)), nothing)
        reason = isnothing(command) ? :syntax : command(balances, words[2:end]...)
        isnothing(reason) || throw(LedgerError(line, reason))
    end
    return balances
end
