using Statistics
drop_spikes(values, limit) =
    isempty(values) ? values : values[abs.(values .- median(values)) .<= limit]
