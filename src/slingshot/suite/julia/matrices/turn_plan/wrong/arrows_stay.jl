turn_plan(plan, quarters) = rotr90(plan, quarters)
