function hand_out!(parts, left, i = 1)
    left == 0 && return parts
    parts[i] += 1
    return hand_out!(parts, left - 1, i + 1)
end

function split_amount(cents, weights)
    parts = [fld(cents * w, sum(weights)) for w in weights]
    return hand_out!(parts, cents - sum(parts))
end
