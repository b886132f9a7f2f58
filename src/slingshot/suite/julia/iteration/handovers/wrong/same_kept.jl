function handovers(staff)
    names = collect(staff)
    return [names[i] => names[i+1] for i in 1:length(names)-1]
end
