# What an answer did to functions that are not its own.
#
# A method is piracy when neither its function nor any type in its signature belongs to the answer. Where such a
# method already had a meaning (`==(::Int64, ::Int64)`), the unit tests no longer mean what they say.

"A state of the world to compare with: the method tables of everything loaded, and the newest method's world."
struct Baseline
    tables::Vector{Any}
    guarded::Vector{Any}        # tables of functions that belong to Test or to the judge
    names::Dict{Module,Int}     # how many names the guarded modules have
    world::UInt
end

struct Intrusion
    name::String
    override::Bool      # it changes what was there
    guarded::Bool       # of Test or the judge
end

worldcounter() = ccall(:jl_get_world_counter, UInt, ())

function Baseline(guarded::Vector{Module})
    everything, inside = Base.IdSet{Any}(), Base.IdSet{Any}()
    visited = Base.IdSet{Module}()
    foreach(root -> collecttables!(inside, visited, root), guarded)
    foreach(root -> collecttables!(everything, visited, root), vcat([Core, Base], collect(values(Base.loaded_modules))))
    union!(everything, inside)
    counts = Dict(root => length(names(root; all = true)) for root in guarded)
    return Baseline(collect(everything), collect(inside), counts, worldcounter())
end

# Since Julia 1.12 one table holds the methods of all functions.
globaltable() = isdefined(Core, :methodtable) ? getfield(Core, :methodtable) :
                isdefined(Core, :GlobalMethods) ? getfield(Core, :GlobalMethods) : nothing

function collecttables!(tables, visited, root)
    root in visited && return
    push!(visited, root)
    for name in names(root; all = true)
        isdefined(root, name) || continue
        value = getfield(root, name)
        if value isa Module
            parentmodule(value) === root && value !== Main && collecttables!(tables, visited, value)
        elseif value isa Type || value isa Function
            table = methodtable(value isa Type ? Base.unwrap_unionall(value) : typeof(value))
            table === nothing || push!(tables, table)
        end
    end
end

methodtable(kind) = nothing
function methodtable(kind::DataType)
    shared = globaltable()
    shared === nothing || return shared
    return isdefined(kind.name, :mt) ? kind.name.mt : nothing
end

"What was done since the baseline by methods that `sandbox` and its submodules do not own."
function intrusions(baseline, sandbox)
    found = Intrusion[]
    for root in keys(baseline.names)
        length(names(root; all = true)) == baseline.names[root] ||
            push!(found, Intrusion("a new name in $root", true, true))
    end
    newer = Method[]
    worldcounter() - baseline.world == ownmethods(baseline, sandbox) && return found
    for table in baseline.tables
        empty!(newer)
        collectnewer!(newer, (table::Core.MethodTable).defs, baseline.world)
        for method in newer
            signature = Base.unwrap_unionall(method.sig)
            any(kind -> owned(kind, sandbox), signature.parameters) && continue
            # `Type`'s table and the global one hold foreign and own functions alike; the signature tells.
            push!(found, Intrusion(describe(signature), overrides(method, baseline.world), table in baseline.guarded))
        end
    end
    return found
end

"""
How many methods were added since the baseline to functions and types of the answer's own.

Each method that is added anywhere makes the world one older: if all of that is accounted for here, no other
table can have changed, and none of the ten thousand others has to be looked at.
"""
function ownmethods(baseline, sandbox)
    tables, newer = Base.IdSet{Any}(), Method[]
    collecttables!(tables, Base.IdSet{Module}(), sandbox)
    constructors = methodtable(Type{Int})
    for table in tables
        table === constructors || collectnewer!(newer, (table::Core.MethodTable).defs, baseline.world)
    end
    functions = length(newer)
    # The table of constructors is everybody's.
    empty!(newer)
    collectnewer!(newer, (constructors::Core.MethodTable).defs, baseline.world)
    isown(method) = any(kind -> owned(kind, sandbox), Base.unwrap_unionall(method.sig).parameters)
    return functions + count(isown, newer)
end

"""
Collect the methods below a node of a method table that were defined after `world`.

`Base.visit` does the same by dynamic dispatch on every node, twenty times slower; this runs for every answer over
some ten thousand methods.
"""
function collectnewer!(found::Vector{Method}, @nospecialize(node), world::UInt)
    if node isa Core.TypeMapEntry
        collectnewer!(found, node, world)
    elseif node isa Core.TypeMapLevel
        for place in 1:fieldcount(Core.TypeMapLevel)
            isdefined(node, place) || continue
            branch = getfield(node, place)
            branch isa Array{Any,1} ? collectnewer!(found, branch, world) : collectnewer!(found, branch, world)
        end
    elseif node isa AbstractVector{Any}
        collectnewer!(found, node, world)
    end
end

function collectnewer!(found::Vector{Method}, branches::AbstractVector{Any}, world::UInt)
    for index in eachindex(branches)
        isassigned(branches, index) && collectnewer!(found, branches[index], world)
    end
end

function collectnewer!(found::Vector{Method}, entry::Core.TypeMapEntry, world::UInt)
    while true
        if entry.min_world > world
            method = entry.func
            method isa Method && push!(found, method)
        end
        following = entry.next
        following isa Core.TypeMapEntry || return
        entry = following
    end
end

"Whether every value of a type belongs to the answer: its type, or one of the type's parameters, was made there."
owned(kind, sandbox) = false
owned(kind::TypeVar, sandbox) = owned(kind.ub, sandbox)
owned(kind::UnionAll, sandbox) = owned(kind.body, sandbox)
owned(kind::Union, sandbox) = owned(kind.a, sandbox) && owned(kind.b, sandbox)
function owned(kind::DataType, sandbox)
    kind.name.name === :Vararg && return false
    inside(kind.name.module, sandbox) && return true
    kind <: Function && return false
    return any(parameter -> owned(parameter, sandbox), kind.parameters)
end

# Modules that answers are loaded into; an answer whose first program failed has two.
const ANSWER_MODULE = r"^(##Answer#|SafeMod)\d+$"

"Whether a module is the answer's or lies within it."
function inside(place, sandbox)
    while true
        place === sandbox && return true
        parentmodule(place) === Main && occursin(ANSWER_MODULE, String(nameof(place))) && return true
        parent = parentmodule(place)
        parent === place && return false
        place = parent
    end
end

"Whether a method of the world before would have answered for some of the new method's arguments."
function overrides(method, world)
    earlier = try
        Base._methods_by_ftype(method.sig, -1, world)
    catch
        return true
    end
    return earlier === false || !isempty(earlier)
end

"A signature as a reader writes it: `==(Int64, Int64)`."
function describe(signature)
    kind = first(signature.parameters)
    name = kind isa DataType && isdefined(kind, :instance) ? nameof(kind.instance) : string(kind)
    return withoutmodule(string(name, '(', join(signature.parameters[2:end], ", "), ')'))
end
