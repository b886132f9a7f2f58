save(path, content::Vector{UInt8}) = open(file -> write(file, content), path; write=true)
save(path, content::IOBuffer) = save(path, take!(content))

function rewrite_file(f, path)
    content = IOBuffer()
    f(content)
    return save(path, content)
end
