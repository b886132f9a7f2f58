function rewrite_file(f, path)
    draft = tempname()
    done = false
    try
        open(f, draft, "w")
        done = true
    finally
        done ? mv(draft, path; force=true) : rm(draft; force=true)
    end
    return filesize(path)
end
