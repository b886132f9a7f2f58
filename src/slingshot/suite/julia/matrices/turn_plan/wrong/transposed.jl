function turn_plan(plan, quarters)
    arrows = "^>v<"
    turned = copy(plan)
    for _ in 1:mod(quarters, 4)
        turned = permutedims(turned)
        for (k, cell) in enumerate(turned)
            i = findfirst(cell, arrows)
            i === nothing || (turned[k] = arrows[mod1(i + 1, 4)])
        end
    end
    return turned
end
