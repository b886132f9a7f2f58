using LinearAlgebra, Statistics
# The correlation is the scalar product of the columns, centred and of length 1.
function direction(column)
    centred = column .- mean(column)
    return iszero(norm(centred)) ? centred : centred / norm(centred)
end

function sensor_groups(readings, limit)
    directions = [direction(column) for column in eachcol(readings)]
    constant = [iszero(norm(d)) for d in directions]
    n = length(directions)
    group_of = collect(1:n)
    for j in 1:n, i in 1:j-1
        (constant[i] || constant[j]) && continue
        if abs(dot(directions[i], directions[j])) >= limit
            group_of[group_of .== group_of[j]] .= group_of[i]
        end
    end
    return [findall(isequal(g), group_of) for g in unique(group_of)]
end
