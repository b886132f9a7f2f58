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

"Compile what works on a vector of each element type."
function compileleaves(elements)
    for element in elements
        vector = Vector{element}
        precompile(vector, (UndefInitializer, Int))
        precompile(Base.unsafe_convert, (Type{Ptr{element}}, vector))
        precompile(Base.unsafe_copyto!, (vector, Int, vector, Int, Int))
        for change in (sizehint!, Base._growend!, Base._growbeg!, Base._deleteend!, isassigned)
            precompile(change, (vector, Int))
        end
        precompile(copy, (vector,))
    end
end

"Compile what works on text, and on any value."
function compiletextleaves()
    for (leaf, kinds) in (
        (pointer_from_objref, (Any,)), (objectid, (Any,)), (Base._string_n, (Int,)),
        (Base.Unicode.category_code, (UInt32,)), (unsafe_wrap, (Type{Vector{UInt8}}, String)),
        (unsafe_string, (Ptr{UInt8}, Int)), (unsafe_copyto!, (Ptr{UInt8}, Ptr{UInt8}, Int)),
        (Base._memcmp, (SubString{String}, String, Int)), (Base._memcmp, (String, String, Int)),
        (Base._memcmp, (SubString{String}, SubString{String}, Int)), (sizehint!, (Vector{UInt8}, UInt)),
        (Base._growend!, (Vector{UInt8}, UInt)), (Base._deleteend!, (Vector{UInt8}, UInt)), (Threads.threadid, ()),
        (Base.PCRE.create_match_data, (Ptr{Nothing},)), (Base.PCRE.free_match_data, (Ptr{Nothing},)),
        (get, (IdDict{Type,Any}, Any, Any)), (Base.isbindingresolved, (Module, Symbol)),
        (hash, (SubString{String}, UInt)), (Base.Libc.strerror, (Int32,)),
    )
        precompile(leaf, kinds)
    end
end
