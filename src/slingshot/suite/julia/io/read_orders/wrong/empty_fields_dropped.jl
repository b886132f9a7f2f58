function read_orders(io)
    orders = Pair{String,Int}[]
    complaints = String[]
    for (number, line) in enumerate(eachline(io))
        isempty(strip(line)) && continue
        fields = strip.(split(line, ';'; keepempty=false))
        if length(fields) != 2
            push!(complaints, "line $number: fields")
        elseif isempty(fields[1])
            push!(complaints, "line $number: item")
        else
            count = tryparse(Int, fields[2])
            if isnothing(count) || count < 1
                push!(complaints, "line $number: count")
            else
                push!(orders, fields[1] => count)
            end
        end
    end
    return (orders = orders, complaints = complaints)
end
