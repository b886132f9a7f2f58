function read_orders(io)
    orders = Pair{String,Int}[]
    complaints = String[]
    lines = filter(line -> !isempty(strip(line)), readlines(io))
    for (number, line) in enumerate(lines)
        fields = strip.(split(line, ';'))
        count = tryparse(Int, fields[end])
        if length(fields) != 2
            push!(complaints, "line $number: fields")
        elseif isempty(fields[1])
            push!(complaints, "line $number: item")
        elseif count === nothing || count < 1
            push!(complaints, "line $number: count")
        else
            push!(orders, fields[1] => count)
        end
    end
    return (orders = orders, complaints = complaints)
end
