function rewrite_file(f, path)
    # In the same folder, so that the last step is a mere renaming.
    draft, io = mktemp(dirname(abspath(path)))
    try
        f(io)
        close(io)
        mv(draft, path; force=true)
    finally
        isopen(io) && close(io)
        rm(draft; force=true)
    end
    return filesize(path)
end
