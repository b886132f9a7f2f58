function rewrite_file(f, path)
    pipe = PipeBuffer()
    f(pipe)
    size = bytesavailable(pipe)
    write(path, read(pipe))
    return size
end
