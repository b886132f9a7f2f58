function number_tickets(prefix)
    issued = 0
    return function ()
        # Counts all tickets ever; the number on the ticket starts over.
        number = issued % 999 + 1
        issued += 1
        return string(prefix, "-", string(number, pad=3))
    end
end
