function shorten_path(path, width)
    parts = split(path, "/")
    (length(path) <= width || length(parts) < 3) && return path
    return join([parts[1], "…", parts[end]], "/")
end
