function limit_calls(most, span)
    recent = Ref{Tuple{Vararg{Int}}}(())
    return function (time)
        kept = filter(earlier -> time - earlier < span, recent[])
        allowed = length(kept) < most
        recent[] = allowed ? (kept..., time) : kept
        return allowed
    end
end
