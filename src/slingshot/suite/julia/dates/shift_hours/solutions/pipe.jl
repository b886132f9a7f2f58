using Dates

next_day_if_negative(hours) = hours < 0 ? hours + 24 : hours

shift_hours(from, to) = Dates.value(to - from) / 3_600_000_000_000 |> next_day_if_negative
