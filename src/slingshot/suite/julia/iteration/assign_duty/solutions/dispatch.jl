# The line after a day: turned behind the one who served, or as it was.
turn(line, ::Nothing) = line
turn(line, place) = [line[place+1:end]; line[1:place]]

who(line, ::Nothing) = nothing
who(line, place) = line[place]

function assign_duty(isfree, names, days)
    line = names
    return map(days) do day
        place = findfirst(name -> isfree(name, day), line)
        duty = day => who(line, place)
        line = turn(line, place)
        return duty
    end
end
