function layer_settings(base, extra)
    foldl(collect(extra); init=copy(base)) do out, (k, v)
        isnothing(v) ? out : merge(out, Dict(k => v))
    end
end
