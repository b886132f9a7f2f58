function split_amount(cents, weights)
    parts = map(weights) do w
        floor(Int, cents * w // sum(weights))
    end
    return parts + (eachindex(parts) .<= cents - sum(parts))
end
