using Dates

hours(span::Nanosecond) = Dates.value(span) / 3.6e12
hours(from::Time, to::Time) = hours(to - from)

shift_hours(from, to) = hours(from, to) + (to < from ? 24 : 0)
