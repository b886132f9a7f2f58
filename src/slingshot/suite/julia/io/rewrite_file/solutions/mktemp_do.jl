function rewrite_file(f, path)
    mktemp() do draft, io
        f(io)
        close(io)
        cp(draft, path; force=true)
    end
    return filesize(path)
end
