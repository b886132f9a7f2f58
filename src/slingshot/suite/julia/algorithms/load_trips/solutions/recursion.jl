function load_trips(weights, limit)
    isempty(weights) && return Vector{Int}[]
    first(weights) > limit && throw(ArgumentError("a box weighs $(first(weights)), more than $limit"))
    n = findlast(<=(limit), cumsum(weights))
    return [[weights[1:n]]; load_trips(weights[n+1:end], limit)]
end
