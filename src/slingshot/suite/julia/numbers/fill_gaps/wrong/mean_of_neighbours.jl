function fill_gaps(readings)
    known = findall(!ismissing, readings)
    isempty(known) && throw(ArgumentError("there is no reading"))
    return map(eachindex(readings)) do i
        before = something(findlast(k -> k <= i, known), 1)
        after = something(findfirst(k -> k >= i, known), length(known))
        (readings[known[before]] + readings[known[after]]) / 2
    end
end
