mutable struct TicketMachine
    prefix::String
    number::Int
end

function (machine::TicketMachine)()
    machine.number += 1
    if machine.number > 999
        machine.number = 1
    end
    return string(machine.prefix, "-", lpad(machine.number, 3, '0'))
end

number_tickets(prefix) = TicketMachine(prefix, 0)
