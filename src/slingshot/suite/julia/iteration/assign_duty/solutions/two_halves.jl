"The place of the next free person behind `served`, or nothing."
function next_place(isfree, names, served, day)
    free(place) = isfree(names[place], day)
    behind = findfirst(free, served+1:length(names))
    behind === nothing || return served + behind
    return findfirst(free, 1:served)
end

function assign_duty(isfree, names, days)
    served = 0
    duties = Vector{Pair{eltype(days),Union{eltype(names),Nothing}}}()
    for day in days
        place = next_place(isfree, names, served, day)
        if isnothing(place)
            push!(duties, day => nothing)
        else
            push!(duties, day => names[place])
            served = place
        end
    end
    return duties
end
