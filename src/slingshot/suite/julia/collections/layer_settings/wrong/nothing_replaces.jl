layer_settings(base, extra) = merge(base, extra)
