function rewrite_file(f, path)
    draft = tempname()
    try
        open(draft, "w") do io
            f(io)
        end
    catch
        rm(draft; force=true)
        rethrow()
    end
    mv(draft, path; force=true)
    return filesize(path)
end
