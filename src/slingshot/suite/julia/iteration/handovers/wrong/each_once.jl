function handovers(staff)
    names = unique(staff)
    return [before => after for (before, after) in zip(names, names[2:end])]
end
