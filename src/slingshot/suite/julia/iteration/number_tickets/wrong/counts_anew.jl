function number_tickets(prefix)
    return function ()
        number = 0
        number = number == 999 ? 1 : number + 1
        return string(prefix, "-", lpad(number, 3, '0'))
    end
end
