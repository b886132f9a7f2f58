function layer_settings(base, extra)
    out = Dict{String,Any}()
    for k in union(keys(base), keys(extra))
        v = get(extra, k, nothing)
        v === nothing && !haskey(base, k) && continue
        out[k] = v === nothing ? base[k] : v
    end
    return out
end
