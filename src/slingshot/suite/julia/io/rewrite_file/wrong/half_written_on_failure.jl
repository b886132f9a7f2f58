function rewrite_file(f, path)
    buffer = IOBuffer()
    try
        f(buffer)
    finally
        write(path, take!(buffer))
    end
    return filesize(path)
end
