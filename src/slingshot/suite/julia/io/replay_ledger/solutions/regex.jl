struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

const OPEN = r"^\s*open\s+(\S+)\s*$"
const IN = r"^\s*in\s+(\S+)\s+0*([1-9]\d*)\s*$"
const MOVE = r"^\s*move\s+(\S+)\s+(\S+)\s+0*([1-9]\d*)\s*$"

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (number, line) in enumerate(eachline(io))
        isempty(strip(line)) && continue
        if (m = match(OPEN, line)) !== nothing
            haskey(balances, m[1]) && throw(LedgerError(number, :account))
            balances[m[1]] = 0
        elseif (m = match(IN, line)) !== nothing
            haskey(balances, m[1]) || throw(LedgerError(number, :account))
            balances[m[1]] += parse(Int, m[2])
        elseif (m = match(MOVE, line)) !== nothing
            haskey(balances, m[1]) && haskey(balances, m[2]) || throw(LedgerError(number, :account))
            cents = parse(Int, m[3])
            balances[m[1]] >= cents || throw(LedgerError(number, :funds))
            balances[m[1]] -= cents
            balances[m[2]] += cents
        else
            throw(LedgerError(number, :syntax))
        end
    end
    return balances
end
