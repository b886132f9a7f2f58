function number_tickets(prefix)
    number = 0
    return function ()
        number += 1
        number > 999 && (number = 0)
        return string(prefix, "-", lpad(number, 3, '0'))
    end
end
