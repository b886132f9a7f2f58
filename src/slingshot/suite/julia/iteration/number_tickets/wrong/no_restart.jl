function number_tickets(prefix)
    number = 0
    return () -> begin
        number += 1
        prefix * "-" * lpad(number, 3, "0")
    end
end
