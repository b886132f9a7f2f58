# The leaves of Base: small functions that call C, which the interpreter cannot run.
#
# Compiled code has them inlined, so they are not compiled by themselves; a child that interprets an answer has to
# compile each one that it meets, at some five milliseconds apiece. The server does it once for the types that
# answers use. The lists are what children compiled over nine hundred recorded answers.

const ELEMENTS = [
    Any, Int, Float64, Bool, Char, UInt8, String, SubString{String}, AbstractString, Symbol, Nothing, Type,
    Tuple{Int,Int}, Tuple{String,String}, Tuple{String,Int}, Pair{String,Int}, Pair{String,String}, Pair{String,Any},
    Vector{Int}, Vector{String}, Vector{SubString{String}}, Dict{String,Int}, Dict{String,Any}, UnitRange{Int},
    Union{Nothing,SubString{String}}, Union{Nothing,Float64}, RegexMatch, Expr, QuoteNode, GlobalRef, Union{},
]

"Types of standard libraries that are loaded only for the test cases that import them."
function importedelements()
    dates = get(Base.loaded_modules, Base.PkgId(Base.UUID("ade2ca70-3891-5945-98fb-dc099432e06a"), "Dates"), nothing)
    dates === nothing && return Any[]
    return Any[dates.Date, dates.DateTime, Tuple{dates.DateTime,dates.DateTime}]
end

"Compile a function for some types, if this Julia has it: most of these are its own affair and come and go."
compileleaf(place, name, kinds) = isdefined(place, name) && precompile(getfield(place, name), kinds)

"Compile what works on a vector of each element type."
function compileleaves(elements)
    for element in elements
        vector = Vector{element}
        precompile(vector, (UndefInitializer, Int))
        compileleaf(Base, :unsafe_convert, (Type{Ptr{element}}, vector))
        compileleaf(Base, :unsafe_copyto!, (vector, Int, vector, Int, Int))
        for change in (:sizehint!, :_growend!, :_growbeg!, :_deleteend!, :isassigned)
            compileleaf(Base, change, (vector, Int))
        end
        compileleaf(Base, :copy, (vector,))
    end
end

"Compile what works on text, and on any value."
function compiletextleaves()
    for name in (:_growend!, :_deleteend!, :sizehint!)
        compileleaf(Base, name, (Vector{UInt8}, UInt))
    end
    for left in (String, SubString{String}), right in (String, SubString{String})
        compileleaf(Base, :_memcmp, (left, right, Int))
    end
    compileleaf(Base, :pointer_from_objref, (Any,))
    compileleaf(Base, :objectid, (Any,))
    compileleaf(Base, :_string_n, (Int,))
    compileleaf(Base, :unsafe_wrap, (Type{Vector{UInt8}}, String))
    compileleaf(Base, :unsafe_string, (Ptr{UInt8}, Int))
    compileleaf(Base, :unsafe_copyto!, (Ptr{UInt8}, Ptr{UInt8}, Int))
    compileleaf(Base, :hash, (SubString{String}, UInt))
    compileleaf(Base, :get, (IdDict{Type,Any}, Any, Any))
    compileleaf(Base, :isbindingresolved, (Module, Symbol))
    compileleaf(Base.Unicode, :category_code, (UInt32,))
    compileleaf(Base.PCRE, :create_match_data, (Ptr{Nothing},))
    compileleaf(Base.PCRE, :free_match_data, (Ptr{Nothing},))
    compileleaf(Base.Threads, :threadid, ())
end
