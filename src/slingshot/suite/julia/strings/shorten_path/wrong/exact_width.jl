function shorten_path(path, width)
    parts = split(path, "/")
    short, dropped = path, 0
    while length(short) >= width && dropped < length(parts) - 2
        dropped += 1
        short = join([parts[1]; "…"; parts[dropped+2:end]], "/")
    end
    return short
end
