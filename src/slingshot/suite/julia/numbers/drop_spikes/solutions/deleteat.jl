using Statistics
function drop_spikes(values, limit)
    kept = copy(values)
    isempty(kept) && return kept
    return deleteat!(kept, abs.(kept .- median(kept)) .> limit)
end
