function read_orders(io)
    orders = Pair{String,Int}[]
    complaints = String[]
    for (number, line) in enumerate(eachline(io))
        isempty(strip(line)) && continue
        fields = strip.(split(line, ';'))
        if length(fields) != 2
            push!(complaints, "line $number: fields")
        elseif isempty(fields[1])
            push!(complaints, "line $number: item")
        elseif occursin(r"^\d+$", fields[2])
            push!(orders, fields[1] => parse(Int, fields[2]))
        else
            push!(complaints, "line $number: count")
        end
    end
    return (orders = orders, complaints = complaints)
end
