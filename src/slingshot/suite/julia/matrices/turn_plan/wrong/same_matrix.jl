function turn_plan(plan, quarters)
    next = Dict('^' => '>', '>' => 'v', 'v' => '<', '<' => '^')
    for _ in 1:mod(quarters, 4)
        plan = rotr90(map(cell -> get(next, cell, cell), plan))
    end
    return plan
end
