layer_settings(base, extra) =
    merge(base, filter(p -> p.second !== nothing, extra))
