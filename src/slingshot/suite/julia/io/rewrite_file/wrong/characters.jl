function rewrite_file(f, path)
    text = sprint(f)
    write(path, text)
    return length(text)
end
