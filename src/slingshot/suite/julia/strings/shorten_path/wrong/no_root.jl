function shorten_path(path, width)
    length(path) <= width && return path
    parts = split(path, "/"; keepempty=false)
    for dropped in 1:length(parts)-2
        short = join([parts[1]; "…"; parts[dropped+2:end]], "/")
        (length(short) <= width || dropped == length(parts) - 2) && return short
    end
    return path
end
