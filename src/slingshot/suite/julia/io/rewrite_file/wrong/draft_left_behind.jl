function rewrite_file(f, path)
    draft = path * ".tmp"
    open(f, draft, "w")
    mv(draft, path; force=true)
    return filesize(path)
end
