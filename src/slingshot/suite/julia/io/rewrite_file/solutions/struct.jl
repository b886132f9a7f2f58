struct Draft
    path::String
    place::String
end

Draft(path) = Draft(path, tempname())

Base.open(f::Function, draft::Draft) = open(f, draft.place, "w")
publish(draft::Draft) = mv(draft.place, draft.path; force=true)
discard(draft::Draft) = rm(draft.place; force=true)

function rewrite_file(f, path)
    draft = Draft(path)
    try
        open(f, draft)
        publish(draft)
    finally
        discard(draft)
    end
    return filesize(path)
end
