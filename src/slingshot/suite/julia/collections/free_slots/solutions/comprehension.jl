function free_slots(used, n)
    return [i for i in 1:n if !(i in used)]
end
