function long_runs(states, least, from=1)
    from > length(states) && return NamedTuple[]
    to = from
    while to < length(states) && states[to+1] == states[from]
        to += 1
    end
    later = long_runs(states, least, to + 1)
    to - from + 1 < least && return later
    return pushfirst!(later, (state = states[from], from = from, to = to))
end
