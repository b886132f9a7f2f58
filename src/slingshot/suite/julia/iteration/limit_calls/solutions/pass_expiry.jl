function limit_calls(most, span)
    expiries = Int[]
    return function (time)
        # What is kept is the time from which on a call no longer counts.
        open = filter(>(time), expiries)
        allowed = length(open) < most
        expiries = allowed ? [open; time + span] : open
        return allowed
    end
end
