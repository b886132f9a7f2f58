function cite_name(name)
    words = split(name)
    sprint() do io
        isempty(words) || print(io, pop!(words))
        isempty(words) || print(io, ",")
        foreach(w -> print(io, " ", uppercase(w[1]), "."), words)
    end
end
