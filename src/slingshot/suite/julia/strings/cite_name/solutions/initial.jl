"The first letter of a given name, as a capital with a dot."
initial(given) = uppercase(given[1]) * "."

"""
    cite_name(name)

A name as a reference list has it: first the surname, then the initials.
"""
function cite_name(name)
    parts = split(name, " "; keepempty=false)
    if isempty(parts)
        return ""
    end
    surname, given = parts[end], parts[1:end-1]
    return isempty(given) ? surname : string(surname, ", ", join(initial.(given), " "))
end
