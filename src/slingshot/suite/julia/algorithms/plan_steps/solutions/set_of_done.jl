"""
    plan_steps(needs)

Order steps so that each comes after those it needs; the alphabet decides where there is a choice.
"""
function plan_steps(needs)
    known = Set(keys(needs))
    for before in values(needs), name in before
        name in known || throw(KeyError(name))
    end
    done = Set{String}()
    order = String[]
    while done != known
        ready = [name for name in setdiff(known, done) if needs[name] ⊆ done]
        isempty(ready) && throw(ArgumentError("steps need each other in a ring"))
        push!(order, minimum(ready))
        push!(done, last(order))
    end
    return order
end
