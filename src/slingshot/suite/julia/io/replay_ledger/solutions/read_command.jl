struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

# A command as (kind, names, cents): cents are 0 for `open`, and -1 where they are wrong.
function read_command(text)
    kind, args = Iterators.peel(split(text))
    names = collect(args)
    kind == "open" && return kind, names, 0
    cents = isempty(names) ? nothing : tryparse(Int, pop!(names))
    return kind, names, isnothing(cents) || cents < 1 ? -1 : cents
end

function replay_ledger(io)
    names_needed = Dict("open" => 1, "in" => 1, "move" => 2)
    balances = Dict{String,Int}()
    for (line, text) in enumerate(eachline(io))
        isempty(strip(text)) && continue
        kind, names, cents = read_command(text)
        if cents < 0 || get(names_needed, kind, 0) != length(names)
            throw(LedgerError(line, :syntax))
        end
        is_new = kind == "open"
        any(haskey(balances, name) == is_new for name in names) && throw(LedgerError(line, :account))
        if is_new
            balances[names[1]] = 0
        elseif kind == "move"
            balances[names[1]] < cents && throw(LedgerError(line, :funds))
            balances[names[1]] -= cents
        end
        balances[names[end]] += cents
    end
    return balances
end
