function number_tickets(prefix)
    number = 0
    return function ()
        number = number % 999 + 1
        return "$prefix-00$number"
    end
end
