function long_runs(states, least)
    isempty(states) && return NamedTuple[]
    changes = findall(states[2:end] .!= states[1:end-1])
    starts = vcat(1, changes .+ 1)
    ends = vcat(changes, length(states))
    long = findall(ends .- starts .+ 1 .>= least)
    return [(state = states[starts[i]], from = starts[i], to = ends[i]) for i in long]
end
