"""Everything that `f` prints, as bytes."""
function printed_bytes(f)
    io = IOBuffer()
    f(io)
    return take!(io)
end

function rewrite_file(f, path)
    bytes = printed_bytes(f)
    open(path, "w") do file
        write(file, bytes)
    end
    return length(bytes)
end
