function layer_settings(base, extra)
    out = merge(base, extra)
    for k in keys(extra)
        extra[k] === nothing || continue
        haskey(base, k) ? (out[k] = base[k]) : delete!(out, k)
    end
    return out
end
