using Dates

function week_label(date)
    number = cld(dayofyear(date), 7)
    return "$(year(date))-W$(lpad(number, 2, '0'))"
end
