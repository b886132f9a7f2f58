function turn_plan(plan, quarters)
    turned = copy(plan)
    for _ in 1:mod(quarters, 4)
        turned = rotr90(turned)
        for (old, new) in ['^' => '>', '>' => 'v', 'v' => '<', '<' => '^']
            turned = replace(turned, old => new)
        end
    end
    return turned
end
