function rewrite_file(f, path)
    buffer = IOBuffer()
    f(buffer)
    return write(path, take!(buffer))
end
