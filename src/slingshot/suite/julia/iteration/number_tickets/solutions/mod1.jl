function number_tickets(prefix)
    count = 0
    function draw()
        count = mod1(count + 1, 999)
        return prefix * "-" * lpad(count, 3, '0')
    end
    return draw
end
