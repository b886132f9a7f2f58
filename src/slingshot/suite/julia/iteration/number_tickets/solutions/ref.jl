function number_tickets(prefix)
    last_number = Ref(0)
    return () -> begin
        last_number[] = last_number[] % 999 + 1
        string(prefix, '-', lpad(last_number[], 3, '0'))
    end
end
