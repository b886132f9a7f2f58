function layer_settings(base, extra)
    changes = filter!(p -> !isnothing(last(p)), copy(extra))
    return merge!(copy(base), changes)
end
