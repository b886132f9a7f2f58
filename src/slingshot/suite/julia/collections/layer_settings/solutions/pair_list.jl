function layer_settings(base, extra)
    pairs_in = collect(base)
    for p in extra
        p.second === nothing || push!(pairs_in, p)
    end
    return Dict(pairs_in)
end
