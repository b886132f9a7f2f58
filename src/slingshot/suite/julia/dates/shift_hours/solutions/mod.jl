using Dates

hours_of(time) = hour(time) + minute(time) / 60 + second(time) / 3600

shift_hours(from, to) = mod(hours_of(to) - hours_of(from), 24.0)
