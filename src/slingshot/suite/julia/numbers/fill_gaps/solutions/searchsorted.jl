function fill_gaps(readings)
    places = findall(!ismissing, readings)
    isempty(places) && throw(ArgumentError("there is no reading"))
    levels = Float64[readings[p] for p in places]
    return map(1:length(readings)) do i
        k = searchsortedlast(places, i)
        k == 0 && return levels[1]
        k == length(places) && return levels[end]
        share = (i - places[k]) / (places[k+1] - places[k])
        return levels[k] + share * (levels[k+1] - levels[k])
    end
end
