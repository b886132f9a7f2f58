using Dates

week_label(date) = string(year(date), "-W", lpad(week(date), 2, '0'))
