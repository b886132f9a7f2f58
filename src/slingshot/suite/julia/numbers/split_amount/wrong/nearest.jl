split_amount(cents, weights) =
    [round(Int, cents * w / sum(weights)) for w in weights]
