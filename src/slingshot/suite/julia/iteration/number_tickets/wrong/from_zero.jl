function number_tickets(prefix)
    number = -1
    return function ()
        number = (number + 1) % 1000
        return string(prefix, "-", lpad(number, 3, '0'))
    end
end
