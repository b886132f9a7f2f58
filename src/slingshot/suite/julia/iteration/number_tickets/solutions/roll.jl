function number_tickets(prefix)
    roll = String[]
    return function ()
        if isempty(roll)
            append!(roll, ["$prefix-" * lpad(n, 3, '0') for n in 1:999])
        end
        return popfirst!(roll)
    end
end
