function rewrite_file(f, path)
    open(f, path, "w")
    return filesize(path)
end
