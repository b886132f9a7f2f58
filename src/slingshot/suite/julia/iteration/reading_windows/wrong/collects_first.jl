function reading_windows(readings, width, step)
    (width < 1 || step < 1) && throw(ArgumentError("width and step must be positive"))
    all_readings = collect(readings)
    return (all_readings[i:i+width-1] for i in 1:step:length(all_readings)-width+1)
end
