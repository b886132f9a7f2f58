using Dates

function due_date(issued, days)
    terms = days:days+2
    index = findfirst(n -> dayofweek(issued + Day(n)) < 6, terms)
    return issued + Day(terms[index])
end
