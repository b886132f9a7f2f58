using Printf

function number_tickets(prefix)
    number = 0
    return function ()
        number += 1
        if number == 1000
            number = 1
        end
        return @sprintf("%s-%03d", prefix, number)
    end
end
