# Errors of an answer, told in one line: what kind, which line of the answer's code, which words.

const LONGEST_MESSAGE = 300

"""
What went wrong at first, where an error only reports another: one of a task, or of loading.

Their own reports hold stack traces, which differ with how the code was run. An answer can make errors that report
each other in a circle: there are at most ten steps.
"""
function cause(error)
    for _ in 1:10
        inner = reported(error)
        inner === nothing && break
        error = inner
    end
    return error
end

# A RemoteException is told by its name: Distributed, whose it is, is not loaded here.
reported(error) = nameof(typeof(error)) === :RemoteException && hasfield(typeof(error), :captured) ? error.captured : nothing
reported(error::LoadError) = error.error
reported(error::CapturedException) = error.ex
reported(error::CompositeException) = isempty(error.exceptions) ? nothing : first(error.exceptions)
reported(error::TaskFailedException) = istaskfailed(error.task) ? error.task.exception : nothing

"An error's message on one line, cut to a readable length."
function message(thrown)
    error = cause(thrown)
    error isa Failed && return firstwords(error.message)
    # A MethodError's own report lists candidates, which takes longer than judging the answer.
    text = try
        error isa MethodError ? "MethodError: no method matching " * signature(error) : sprint(showerror, error)
    catch
        string("an error of type ", nameof(typeof(error)))
    end
    return firstwords(text)
end

signature(error::MethodError) =
    string(error.f isa Function || error.f isa Type ? nameof(error.f) : typeof(error.f), '(',
        join(("::$(typeof(argument))" for argument in error.args), ", "), ')')

firstwords(text) = first(escape_string(withoutmodule(text)), LONGEST_MESSAGE)

# As types of an answer are printed: the module's name says nothing, and is another one every time.
const ANSWER_PREFIX = r"(Main\.)?(var\"##Answer#\d+\"|##Answer#\d+|SafeMod\d+)\."
withoutmodule(text) = replace(text, ANSWER_PREFIX => "")

"Whether memory ran out, or something else went wrong."
kind(error) = cause(error) isa OutOfMemoryError ? "memory" : "error"

"The line at which the parser gave up, as its message says it, else 0."
function parseline(error)
    found = match(r"answer:(\d+)", sprint(showerror, error))
    return found === nothing ? 0 : parse(Int, found[1])
end

"""
The innermost line of the answer's code on a backtrace, or 0.

Frames inside a shared library, Julia's own system image among them, are passed over: none is the answer's, and to
look one up makes the runtime read the library's debug information, which takes longer than judging the answer.
"""
function answerline(error, backtrace)
    error isa LoadError && error.file == "answer" && return error.line
    for entry in backtrace
        inlibrary(entry) && continue
        frames = try
            lookup(entry)
        catch
            continue
        end
        for frame in frames
            frame.file === :answer && return frame.line
        end
    end
    return 0
end

inlibrary(entry) = false
function inlibrary(entry::Union{Ptr,UInt})
    found = Vector{UInt}(undef, 4)  # struct Dl_info
    return ccall(:dladdr, Cint, (UInt, Ptr{UInt}), UInt(entry), found) != 0
end

lookup(entry) = Base.StackTraces.lookup(entry)
lookup(entry::Ptr) = Base.StackTraces.lookup(UInt(entry))
