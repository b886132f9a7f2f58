function roll_up(costs, parent)
    # What one department adds, as a dictionary from itself and every name above it to the amount.
    function share(name, amount, passed=Dict{String,Int}())
        haskey(passed, name) && throw(ArgumentError("$name is above itself"))
        passed[name] = amount
        return haskey(parent, name) ? share(parent[name], amount, passed) : passed
    end

    names = union(keys(costs), keys(parent), values(parent))
    shares = [share(name, get(costs, name, 0)) for name in names]
    return reduce(mergewith(+), shares; init=Dict{String,Int}())
end
