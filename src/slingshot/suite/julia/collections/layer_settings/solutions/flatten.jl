function layer_settings(base, extra)
    given = Iterators.filter(p -> p[2] !== nothing, extra)
    return Dict{String,Any}(Iterators.flatten((base, given)))
end
