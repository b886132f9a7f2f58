function rewrite_file(f, path)
    # Nothing is written before `f` is done, so a failure leaves the file alone.
    content = sprint(f)
    write(path, content)
    return sizeof(content)
end
