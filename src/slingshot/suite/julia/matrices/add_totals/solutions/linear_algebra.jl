using LinearAlgebra
# Multiplying by an identity matrix with a row of ones below it adds the row of sums.
function add_totals(table)
    rows, columns = size(table)
    below = vcat(Matrix{Int}(I, rows, rows), ones(Int, 1, rows))
    beside = hcat(Matrix{Int}(I, columns, columns), ones(Int, columns))
    return below * table * beside
end
