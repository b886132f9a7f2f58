mutable struct Rota{F}
    isfree::F
    names::Vector{String}
    last::Int
end

"Find who serves on `day`, or nothing."
function (rota::Rota)(day)
    n = length(rota.names)
    for place in Iterators.flatten((rota.last+1:n, 1:rota.last))
        if rota.isfree(rota.names[place], day)
            rota.last = place
            return rota.names[place]
        end
    end
    return nothing
end

function assign_duty(isfree, names, days)
    rota = Rota(isfree, names, 0)
    return [day => rota(day) for day in days]
end
