function rewrite_file(f, path)
    save(bytes) = write(path, bytes)
    return sprint(f) |> codeunits |> collect |> save
end
