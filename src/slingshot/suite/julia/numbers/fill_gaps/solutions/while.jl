function fill_gaps(readings)
    any(!ismissing, readings) || throw(ArgumentError("there is no reading"))
    n = length(readings)
    filled = Vector{Float64}(undef, n)
    i = 1
    previous = nothing
    while i <= n
        j = i
        while j <= n && ismissing(readings[j])
            j += 1
        end
        following = j <= n ? readings[j] : previous
        start = previous === nothing ? following : previous
        for k in i:min(j, n)
            filled[k] = start + (following - start) * (k - i + 1) / (j - i + 1)
        end
        previous = following
        i = j + 1
    end
    return filled
end
