function number_tickets(prefix)
    number = 0
    return function ()
        number = number == 999 ? 1 : number + 1
        hundreds, rest = divrem(number, 100)
        tens, ones = divrem(rest, 10)
        return "$prefix-$hundreds$tens$ones"
    end
end
