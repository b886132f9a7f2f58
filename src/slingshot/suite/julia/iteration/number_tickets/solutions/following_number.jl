"The number after `number` on a roll of 999."
following(number) = number == 999 ? 1 : number + 1

ticket(prefix, number) = join([prefix, lpad(string(number), 3, "0")], "-")

function number_tickets(prefix)
    number = 0
    return function ()
        number = following(number)
        return ticket(prefix, number)
    end
end
