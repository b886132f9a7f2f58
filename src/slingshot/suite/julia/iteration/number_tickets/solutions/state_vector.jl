function number_tickets(prefix)
    state = [0]
    function next_ticket()
        state[1] += 1
        state[1] > 999 && (state[1] = 1)
        digits_text = string(state[1])
        zeros_text = "0"^(3 - length(digits_text))
        return prefix * "-" * zeros_text * digits_text
    end
    return next_ticket
end
