function number_tickets(prefix)
    numbers = Iterators.cycle(1:999)
    position = iterate(numbers)
    return function ()
        number, state = position
        position = iterate(numbers, state)
        return prefix * "-" * lpad(number, 3, '0')
    end
end
