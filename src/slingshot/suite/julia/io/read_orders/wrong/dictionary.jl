function read_orders(io)
    orders = Dict{String,Int}()
    complaints = String[]
    for (number, line) in enumerate(eachline(io))
        isempty(strip(line)) && continue
        fields = strip.(split(line, ';'))
        count = tryparse(Int, fields[end])
        if length(fields) != 2
            push!(complaints, "line $number: fields")
        elseif isempty(fields[1])
            push!(complaints, "line $number: item")
        elseif isnothing(count) || count < 1
            push!(complaints, "line $number: count")
        else
            orders[fields[1]] = count
        end
    end
    return (orders = collect(orders), complaints = complaints)
end
