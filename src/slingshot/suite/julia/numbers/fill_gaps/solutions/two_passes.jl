"""
    fill_gaps(readings)

Replace `missing` by values on the line between the readings around it.
"""
function fill_gaps(readings)
    n = length(readings)
    before, after = zeros(Int, n), zeros(Int, n)    # the nearest readings on either side; 0 for none
    for i in 1:n
        before[i] = ismissing(readings[i]) ? (i > 1 ? before[i-1] : 0) : i
    end
    for i in n:-1:1
        after[i] = ismissing(readings[i]) ? (i < n ? after[i+1] : 0) : i
    end
    n > 0 && max(before[n], after[n]) > 0 || throw(ArgumentError("there is no reading"))
    filled = zeros(n)
    for i in 1:n
        b = before[i] == 0 ? after[i] : before[i]
        a = after[i] == 0 ? before[i] : after[i]
        filled[i] = a == b ? readings[a] : readings[b] + (readings[a] - readings[b]) * (i - b) / (a - b)
    end
    return filled
end
