function limit_calls(most, span)
    allowed = Int[]
    return time -> begin
        ages = time .- allowed
        ok = sum(ages .< span) < most
        ok && push!(allowed, time)
        ok
    end
end
