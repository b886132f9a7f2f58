function order_totals(orders)
    groups = Dict{String,Vector{Int}}()
    for (name, amount) in orders
        push!(get!(groups, name, Int[]), amount)
    end
    return Dict(name => sum(amounts) for (name, amounts) in groups)
end
