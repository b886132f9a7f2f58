function rewrite_file(f, path)
    mktempdir() do dir
        draft = joinpath(dir, "draft")
        open(f, draft, "w")
        mv(draft, path; force=true)
    end
    return stat(path).size
end
