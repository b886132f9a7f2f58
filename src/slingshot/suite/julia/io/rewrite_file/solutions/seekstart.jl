function rewrite_file(f, path)
    draft = IOBuffer()
    f(draft)
    seekstart(draft)
    return open(file -> write(file, draft), path, "w")
end
