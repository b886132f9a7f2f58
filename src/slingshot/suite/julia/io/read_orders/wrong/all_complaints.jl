function read_orders(io)
    orders = Pair{String,Int}[]
    complaints = String[]
    for (number, line) in enumerate(eachline(io))
        isempty(strip(line)) && continue
        fields = strip.(split(line, ';'))
        count = tryparse(Int, fields[end])
        before = length(complaints)
        length(fields) == 2 || push!(complaints, "line $number: fields")
        isempty(fields[1]) && push!(complaints, "line $number: item")
        (isnothing(count) || count < 1) && push!(complaints, "line $number: count")
        length(complaints) == before && push!(orders, fields[1] => count)
    end
    return (orders = orders, complaints = complaints)
end
