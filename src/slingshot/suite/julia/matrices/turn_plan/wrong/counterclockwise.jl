function turn_plan(plan, quarters)
    next = Dict('^' => '<', '<' => 'v', 'v' => '>', '>' => '^')
    for _ in 1:mod(quarters, 4)
        plan = [get(next, cell, cell) for cell in rotl90(plan)]
    end
    return copy(plan)
end
