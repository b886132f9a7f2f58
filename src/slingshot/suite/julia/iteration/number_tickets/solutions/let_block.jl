number_tickets(prefix) =
    let number = 0
        function ()
            number = number >= 999 ? 1 : number + 1
            return "$prefix-$(lpad(number, 3, '0'))"
        end
    end
