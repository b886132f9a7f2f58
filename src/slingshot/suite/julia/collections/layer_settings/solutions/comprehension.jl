function layer_settings(base, extra)
    changes = Dict(k => v for (k, v) in extra if !isnothing(v))
    return merge(base, changes)
end
