struct Windows{R}
    readings::R
    width::Int
    step::Int
end

function reading_windows(readings, width, step)
    (width < 1 || step < 1) && throw(ArgumentError("width and step must be positive"))
    return Windows(readings, width, step)
end

Base.IteratorSize(::Type{<:Windows}) = Base.SizeUnknown()
Base.eltype(::Type{Windows{R}}) where {R} = Vector{eltype(R)}

function Base.iterate(w::Windows, (window, skip, next)=(eltype(w.readings)[], 0, iterate(w.readings)))
    while length(window) < w.width
        next === nothing && return nothing
        skip > 0 ? (skip -= 1) : push!(window, next[1])
        next = iterate(w.readings, next[2])
    end
    shown = window
    rest = w.step < w.width ? deleteat!(window, 1:w.step) : empty!(window)
    return shown, (rest, max(w.step - w.width, 0), next)
end
