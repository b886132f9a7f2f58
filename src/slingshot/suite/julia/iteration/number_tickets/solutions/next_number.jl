function number_tickets(prefix)
    upcoming = 1
    return function ()
        ticket = "$prefix-" * lpad(upcoming, 3, '0')
        # The ticket is made before the number moves on.
        upcoming = upcoming < 999 ? upcoming + 1 : 1
        return ticket
    end
end
