using Statistics
struct Links
    linked::BitMatrix
end

Links(readings, limit) = Links(abs.(cor(readings)) .>= limit)
neighbours(links::Links, sensor) = findall(links.linked[sensor, :])

function group_of(links::Links, sensor)
    group = [sensor]
    while true
        wider = union(group, (neighbours(links, member) for member in group)...)
        length(wider) == length(group) && return sort(group)
        group = wider
    end
end

function sensor_groups(readings, limit)
    links = Links(readings, limit)
    return unique([group_of(links, sensor) for sensor in axes(readings, 2)])
end
