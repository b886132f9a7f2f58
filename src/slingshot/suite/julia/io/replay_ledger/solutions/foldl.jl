struct LedgerError <: Exception
    line::Int
    reason::Symbol
end

require(condition, line, reason) = condition || throw(LedgerError(line, reason))

function book(balances, (line, text))
    words = split(text)
    isempty(words) && return balances
    size = get(Dict("open" => 2, "in" => 3, "move" => 4), words[1], nothing)
    require(length(words) == size, line, :syntax)
    if words[1] == "open"
        require(!haskey(balances, words[2]), line, :account)
        return merge(balances, Dict(words[2] => 0))
    end
    cents = tryparse(Int, words[end])
    require(cents isa Int && cents > 0, line, :syntax)
    names = words[2:end-1]
    require(all(name in keys(balances) for name in names), line, :account)
    if length(names) == 2
        require(balances[names[1]] >= cents, line, :funds)
        balances[names[1]] -= cents
    end
    balances[names[end]] += cents
    return balances
end

replay_ledger(io) = foldl(book, enumerate(eachline(io)); init=Dict{String,Int}())
