function number_tickets(prefix)
    numbers = Iterators.Stateful(Iterators.cycle(1:999))
    return () -> string(prefix, "-", lpad(popfirst!(numbers), 3, '0'))
end
