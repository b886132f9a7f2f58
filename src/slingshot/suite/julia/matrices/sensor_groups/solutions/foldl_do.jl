using Statistics
function sensor_groups(readings, limit)
    n = size(readings, 2)
    alike((i, j)) = abs(cor(readings[:, i], readings[:, j])) >= limit
    links = [(i, j) for i in 1:n for j in i+1:n if alike((i, j))]
    alone = [[i] for i in 1:n]
    groups = foldl(links; init=alone) do groups, (i, j)
        first_group = only(filter(g -> i in g, groups))
        other_group = only(filter(g -> j in g, groups))
        first_group == other_group && return groups
        rest = filter(g -> g != first_group && g != other_group, groups)
        return [rest; [sort([first_group; other_group])]]
    end
    return sort(groups)
end
