function rewrite_file(f, path)
    draft, io = mktemp()
    try
        f(io)
    catch
        close(io)
        rm(draft)
        rethrow()
    end
    bytes = position(io)
    close(io)
    mv(draft, path; force=true)
    return bytes
end
