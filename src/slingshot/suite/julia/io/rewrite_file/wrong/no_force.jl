function rewrite_file(f, path)
    draft = tempname()
    open(f, draft, "w")
    mv(draft, path)
    return filesize(path)
end
