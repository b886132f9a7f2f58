function limit_calls(most, span)
    window, used = 0, 0
    return function (time)
        if time ÷ span != window
            window, used = time ÷ span, 0
        end
        used += 1
        return used <= most
    end
end
