function rewrite_file(f, path)
    buffer = IOBuffer()
    try
        f(buffer)
    catch
        return 0
    end
    return write(path, take!(buffer))
end
