# The fork server: one warm Julia that forks a child for every answer, keeps its deadline, and cleans up after it.
#
# Upstream does not support forking a running Julia. What makes it work is in linux.jl (`privatize`); whether it
# works here is found out by a self-test before the first answer, from outside.

const LARGEST_OUTPUT = 1 << 20      # bytes of findings; a child that writes more is up to something
const ANSWERS_PER_ENLARGEMENT = 32
const ANSWERS_PER_COLLECTION = 512  # few, for a collection spreads what is allocated next over many pages
const COMPILE_MIN = Int8(3)         # JL_OPTIONS_COMPILE_MIN: interpret what is not compiled yet
# Where the runtime keeps that option.
const COMPILE_ENABLED = fieldoffset(Base.JLOptions, findfirst(==(:compile_enabled), fieldnames(Base.JLOptions)))
# The numbers of epoll_wait and epoll_pwait.
const EPOLL_CALLS = Sys.ARCH === :x86_64 ? ("232", "281") : ("22",)
const SYSV_TABLES = ("shm", "sem", "msg")

"What the server knew when it started to serve, to compare with after each answer."
struct House
    sandboxed::Bool
    processes::Vector{Int}
    folder::String              # for temporary files
    files::Vector{String}       # what is in there that no answer made
end

House(sandboxed) = House(sandboxed, sandboxed ? processes() : Int[], tempdir(), readdir(tempdir()))

"Serve requests until the other side is gone. Answers leave sealed: the seal comes when the child exists already."
function serve(input, output, sandboxed)
    reapdescendants()
    sleep(0.001)  # once around the event loop, so that its descriptors are registered and can be privatized
    privatize()
    foreach(rehearse, REHEARSALS)
    compilechild()
    compileleaves(ELEMENTS)
    compiletextleaves()
    setdumpable(false)  # from here on no child may read this memory or open these descriptors
    enlargepages()
    house = House(sandboxed)
    baseline = Baseline([Test, Harness])
    for number in Iterators.countfrom(1)
        number % ANSWERS_PER_COLLECTION == 0 && GC.gc(false)
        # What this process writes to while a child lives falls apart into small pages again.
        number % ANSWERS_PER_ENLARGEMENT == 0 && enlargepages()
        message = readmessage(input)
        message === nothing && quit(0)
        command = readfield(message)
        request = Request(message)
        if command == "rehearse"
            missed = rehearse(request)
            seal = readexactly(input, SECRET_LENGTH)
            writemessage(output, seal, (missed,))
            baseline = Baseline([Test, Harness])
        else
            # What was loaded since is newer than this frame's world.
            Base.invokelatest(serveone, input, output, request, baseline, house)
        end
    end
end

"Judge a trusted answer in this very process: what it needs is loaded and compiled for the children to come."
function rehearse(request)
    descriptor = ccall(:open, Cint, (Cstring, Cint), "/dev/null", 1)
    try
        judge(Report(descriptor, rand(UInt8, SECRET_LENGTH)), request, Baseline([Test, Harness]))
        missed = something(missingimport(request.imports), "")
        compileleaves(importedelements())
        isempty(missed) && (READY[request.imports] = freshmodule(request.imports))
        return missed
    finally
        closefd(descriptor)
    end
end

"Compile what only a child runs: it would have to do so itself, every time."
function compilechild()
    precompile(serveanswer, (Cint, Cint, Request, Baseline))
    precompile(confine, (Request, Int))
    precompile(addressspace, ())
    precompile(interpret, ())
    precompile(leadgroup, ())
    precompile(diewithparent, ())
    precompile(setdumpable, (Bool,))
    precompile(quit, (Int,))
    precompile(limit, (Int, Int))
    precompile(limit, (Int, Int, Int))
    precompile(Report, (Cint, Vector{UInt8}))
    addressspace()
end

# Answers of every kind, so that no child has to compile what the judge itself does.
const REHEARSALS = [
    Request("compiled", "default", false, false, "double", String[], [program], ["double(1)"],
        ["@test double(2) == 4", "@test_throws DivideError double(0)", "@test double(1.5) ≈ 3.0"],
        "double(x) = 2x", String[], 10.0, false, 0, 0, 0)
    for program in (
        "double(x) = x == 0 ? throw(DivideError()) : 2x", "double(x) = 3x", "double(x) = (", "", "error(\"no\")",
        "double(x) = undefined(x)", "double(x) = sqrt(\"\")", "==(a, b) = true\ndouble(x) = [x][2]",
        "Base.:+(a::Char, b::Char) = a\ndouble(x) = x",
    )
]

"Fork a child for one request, watch it, clean up, answer."
function serveone(input, output, request, baseline, house)
    findings, findingsend = connection()
    secretend, secretsource = connection()
    child = forkchild()
    if child == 0
        foreach(closefd, (input, output, findings, secretsource))
        try
            serveanswer(findingsend, secretend, request, baseline)
        catch
        end
        quit(70)
    end
    foreach(closefd, (findingsend, secretend))
    # Only now, that the child's copy of this memory cannot hold them.
    seal = readexactly(input, SECRET_LENGTH)
    secret = readexactly(input, SECRET_LENGTH)
    (child < 0 || seal === nothing || secret === nothing) && quit(1)
    writeall(secretsource, secret)
    closefd(secretsource)
    how, number, seconds, text = watch(child, findings, request, house, secret)
    closefd(findings)
    odd = cleanup(child, house)
    writemessage(output, seal, (how, string(number), string(seconds), odd, text))
end

"In the child: take this process apart from its parent, put it under limits, and judge."
function serveanswer(output, secretend, request, baseline)
    leadgroup()
    diewithparent()
    setdumpable(true)
    privatize()
    confine(request, 0)
    request.tier == "interpreted" && interpret()
    secret = readexactly(secretend, SECRET_LENGTH)
    closefd(secretend)
    judgeandend(Report(output, secret), request, baseline)
end

"Put this process under a request's limits; `spent` are the seconds of processor time that it has used already."
function confine(request, spent)
    pieces = request.eachpiece ? 1 + length(request.examples) + length(request.unittests) : 1
    seconds = spent + ceil(Int, request.seconds * pieces) + 2
    limit(RLIMIT_CORE, 0)
    limit(RLIMIT_FSIZE, request.filesize)
    limit(RLIMIT_AS, addressspace() + request.memory)
    limit(RLIMIT_CPU, seconds, seconds + 1)
end

"Bytes of address space in use: the limit for an answer counts from there."
addressspace() = parse(Int, first(split(read("/proc/self/statm", String)))) * ccall(:getpagesize, Cint, ())

"From now on interpret whatever is not compiled yet: small programs are done before the compiler would be."
function interpret()
    unsafe_store!(Ptr{Int8}(cglobal(:jl_options, Base.JLOptions)) + COMPILE_ENABLED, COMPILE_MIN)
end

"Collect a child's findings until it ends or must be ended: how, with which number, after how long, what it found."
function watch(child, findings, request, house, secret)
    text, mark = UInt8[], String(copy(secret))
    start = renewed = looked = monotonic()
    closed = false
    while true
        now = monotonic()
        if !closed && pollin(findings, 10)
            chunk = readsome(findings, 1 << 16)
            closed = isempty(chunk)
            append!(text, chunk)
            request.eachpiece && occursin(mark, String(copy(chunk))) && (renewed = now)
            length(text) > LARGEST_OUTPUT && return "output", 0, now - start, String(text)
        end
        ended = waitfor(child)
        if ended !== nothing
            while !closed && pollin(findings, 0) && length(text) <= LARGEST_OUTPUT
                chunk = readsome(findings, 1 << 16)
                closed = isempty(chunk)
                append!(text, chunk)
            end
            return ended..., now - start, String(text)
        end
        closed && Libc.systemsleep(0.001)
        if now - renewed > request.seconds && !starved(child, now - renewed, request.seconds)
            return "deadline", 0, now - start, String(text)
        end
        if house.sandboxed && now - looked > 0.02
            looked = now
            others = length(processes()) - length(house.processes)
            others > request.processes && return "processes", 0, now - start, String(text)
            others == 1 && waitsforever(child) && return "deadlock", 0, now - start, String(text)
        end
    end
end

"""
Whether a child will never wake: it sleeps in its event loop without a timer. With no other process of the answer
and no network there is nobody to wake it, and no reason to wait for the deadline.
"""
function waitsforever(child)
    words = try
        split(read("/proc/$child/syscall", String))
    catch
        return false
    end
    return length(words) > 5 && words[1] in EPOLL_CALLS && endswith(words[5], "ffffffff")
end

"Whether a child is late because it was not let near a processor: a busy machine is no fault of the answer."
function starved(child, elapsed, seconds)
    elapsed < 4seconds && cputime(child) < elapsed / 2 || return false
    return try
        occursin(") R ", read("/proc/$child/stat", String))
    catch
        false
    end
end

"Leave no process and no file of an answer behind; what is odd, in words, if that did not work."
function cleanup(child, house)
    deadline = monotonic() + 5
    while true
        # In the sandbox all processes but this one are the answer's. Outside there are only those we know of.
        house.sandboxed ? signalall(-1, SIGKILL) : foreach(pid -> signalall(pid, SIGKILL), vcat(-child, children()))
        while (ended = waitfor(-1)) !== nothing && first(ended) != "none"
        end
        house.sandboxed ? issubset(processes(), house.processes) && break : isempty(children()) && break
        monotonic() > deadline && return "a process of the answer does not end"
        Libc.systemsleep(0.0005)
    end
    try
        cd(house.folder)
        for name in readdir(house.folder)
            name in house.files || rm(joinpath(house.folder, name); recursive = true, force = true)
        end
        issubset(readdir(house.folder), house.files) || return "a file of the answer cannot be removed"
    catch
        return "a file of the answer cannot be removed"
    end
    house.sandboxed || return ""
    for table in SYSV_TABLES
        count(==('\n'), read("/proc/sysvipc/$table", String)) > 1 && return "the answer left shared memory behind"
    end
    return ""
end

"The children of this process, adopted ones too."
function children()
    listed = "/proc/self/task/$(getpid())/children"
    return isfile(listed) ? parse.(Int, split(read(listed, String))) : Int[]
end
