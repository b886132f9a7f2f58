function rewrite_file(f, path)
    draft = IOBuffer()
    f(draft)
    bytes = 0
    seekstart(draft)
    open(path, "w") do file
        while !eof(draft)
            bytes += write(file, read(draft, 4096))
        end
    end
    return bytes
end
