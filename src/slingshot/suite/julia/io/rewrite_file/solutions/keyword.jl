function rewrite_file(f, path; draft=tempname())
    try
        bytes = open(draft; write=true, create=true, truncate=true) do io
            f(io)
            flush(io)
            filesize(draft)
        end
        cp(draft, path; force=true)
        return bytes
    finally
        rm(draft; force=true)
    end
end
