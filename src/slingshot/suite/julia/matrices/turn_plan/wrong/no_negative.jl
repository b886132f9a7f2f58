function turn_plan(plan, quarters)
    next = Dict('^' => '>', '>' => 'v', 'v' => '<', '<' => '^')
    turned = copy(plan)
    for _ in 1:quarters
        turned = rotr90(map(cell -> get(next, cell, cell), turned))
    end
    return turned
end
