using Dates

function shift_hours(from, to)
    begins, ends = Dates.value.([from, to] .- Time(0)) ./ 3.6e12
    return ends < begins ? ends + 24 - begins : ends - begins
end
