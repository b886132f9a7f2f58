struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

struct Open
    name::String
end

struct PayIn
    name::String
    cents::Int
end

struct Move
    from::String
    to::String
    cents::Int
end

function parse_command(line, words)
    n = length(words)
    n == 2 && words[1] == "open" && return Open(words[2])
    if (n == 3 && words[1] == "in") || (n == 4 && words[1] == "move")
        cents = tryparse(Int, words[n])
        if cents !== nothing && cents > 0
            return n == 3 ? PayIn(words[2], cents) : Move(words[2], words[3], cents)
        end
    end
    throw(LedgerError(line, :syntax))
end

check_open(balances, name, line) = haskey(balances, name) || throw(LedgerError(line, :account))

function run!(balances, command::Open, line)
    haskey(balances, command.name) && throw(LedgerError(line, :account))
    balances[command.name] = 0
end

function run!(balances, command::PayIn, line)
    check_open(balances, command.name, line)
    balances[command.name] += command.cents
end

function run!(balances, command::Move, line)
    check_open(balances, command.from, line)
    check_open(balances, command.to, line)
    balances[command.from] < command.cents && throw(LedgerError(line, :funds))
    balances[command.from] -= command.cents
    balances[command.to] += command.cents
end

function replay_ledger(io)
    balances = Dict{String,Int}()
    for (line, text) in enumerate(eachline(io))
        words = split(text)
        isempty(words) || run!(balances, parse_command(line, words), line)
    end
    return balances
end
