# The system calls that the judge is made of, straight from libc: Julia's own streams, timers and processes live
# in libuv, whose state a forked child shares with its parent, so neither of them may use it while they serve.

module Linux

export readexactly, readsome, randombytes, writeall, closefd, duplicate, connection, forkchild, quit, waitfor, signalall, monotonic,
    pollin, limit, setdumpable, diewithparent, reapdescendants, leadgroup, processes, cputime, privatize, enlargepages,
    RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_AS, SIGKILL

const SIGKILL = 9
const RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_AS = 0, 1, 4, 9
const EINTR, ECHILD = 4, 10
const WNOHANG = 1
const O_RDWR, O_CLOEXEC = 2, 0o2000000
const POLLIN = Int16(1)
const PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
const EPOLL_CTL_ADD = 1
const AF_UNIX, SOCK_STREAM = 1, 1
const HUGE_PAGE = 2 << 20
const PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS = 3, 0x22
const MREMAP_MAYMOVE_FIXED = 3
const MADV_HUGEPAGE, MADV_COLLAPSE = 14, 25

"Read up to `n` bytes; empty at the end of the file."
function readsome(fd, n)
    buffer = Vector{UInt8}(undef, n)
    while true
        count = ccall(:read, Cssize_t, (Cint, Ptr{UInt8}, Csize_t), fd, buffer, n)
        count >= 0 && return resize!(buffer, count)
        Libc.errno() == EINTR || return resize!(buffer, 0)
    end
end

"Read exactly `n` bytes, or `nothing` when the file ends before."
function readexactly(fd, n)
    bytes = UInt8[]
    while length(bytes) < n
        chunk = readsome(fd, n - length(bytes))
        isempty(chunk) && return nothing
        append!(bytes, chunk)
    end
    return bytes
end

"Bytes that nobody can foretell."
function randombytes(n)
    source = ccall(:open, Cint, (Cstring, Cint), "/dev/urandom", O_CLOEXEC)
    bytes = readexactly(source, n)
    closefd(source)
    return bytes
end

"Write all bytes; give up silently when nobody reads any more."
function writeall(fd, bytes::Vector{UInt8})
    done = 0
    GC.@preserve bytes while done < length(bytes)
        count = ccall(:write, Cssize_t, (Cint, Ptr{UInt8}, Csize_t), fd, pointer(bytes, done + 1), length(bytes) - done)
        if count >= 0
            done += count
        elseif Libc.errno() != EINTR
            return
        end
    end
end

closefd(fd) = ccall(:close, Cint, (Cint,), fd)
duplicate(from, to) = ccall(:dup2, Cint, (Cint, Cint), from, to)

"""
Two connected descriptors, one to read from and one to write to.

A pipe would do, but who holds one end can open the other anew through `/proc/self/fd`, and read what it wrote
there before; a socket cannot be opened.
"""
function connection()
    ends = Cint[0, 0]
    ccall(:socketpair, Cint, (Cint, Cint, Cint, Ptr{Cint}), AF_UNIX, SOCK_STREAM, 0, ends) == 0 ||
        error("no connection: ", Libc.strerror())
    return ends[1], ends[2]
end

"Fork; 0 in the child, its number in the parent."
forkchild() = ccall(:fork, Cint, ())

"End this process now: no hooks, no finalizers, no flushing."
quit(code) = ccall(:_exit, Cvoid, (Cint,), code)

"""
How a child ended: `nothing` while it runs, else `("exit", code)` or `("signal", number)`. With `pid = -1` any
child; `("none", 0)` when there is none.
"""
function waitfor(pid; block = false)
    status = Ref{Cint}(0)
    found = ccall(:waitpid, Cint, (Cint, Ptr{Cint}, Cint), pid, status, block ? 0 : WNOHANG)
    found == 0 && return nothing
    found < 0 && return Libc.errno() == EINTR ? nothing : ("none", 0)
    number = status[] & 0x7f
    return number == 0 ? ("exit", Int((status[] >> 8) & 0xff)) : ("signal", Int(number))
end

signalall(pid, number) = ccall(:kill, Cint, (Cint, Cint), pid, number)

"Seconds of a clock that only goes forward."
monotonic() = time_ns() / 1e9

"Whether something can be read within that many milliseconds (the end of the file counts)."
function pollin(fd, milliseconds)
    request = Ref((Int32(fd), POLLIN, Int16(0)))
    return ccall(:poll, Cint, (Ptr{Cvoid}, Culong, Cint), request, 1, milliseconds) > 0
end

"Lower a resource limit of this process, for good; `hard` is where a signal can no longer be ignored."
limit(resource, value, hard = value) =
    ccall(:setrlimit, Cint, (Cint, Ptr{NTuple{2,UInt64}}), resource, Ref((UInt64(value), UInt64(hard))))

prctl(option, value) = ccall(:prctl, Cint, (Cint, Culong, Culong, Culong, Culong), option, value, 0, 0, 0)

"Whether other processes of this user may read this one's memory and descriptors."
setdumpable(yes) = prctl(PR_SET_DUMPABLE, yes ? 1 : 0)

"Be killed when the parent ends."
diewithparent() = prctl(PR_SET_PDEATHSIG, SIGKILL)

"Become the parent of all descendants whose own parent ends."
reapdescendants() = prctl(PR_SET_CHILD_SUBREAPER, 1)

"Start a process group and session of our own."
leadgroup() = ccall(:setsid, Cint, ())

"The numbers of all processes that can be seen."
processes() = [parse(Int, name) for name in readdir("/proc") if all(isdigit, name)]

"Seconds of processor time that a process has used so far; 0 when it is gone."
function cputime(pid)
    clock = Ref{Cint}(0)
    ccall(:clock_getcpuclockid, Cint, (Cint, Ptr{Cint}), pid, clock) == 0 || return 0.0
    spent = Ref((0, 0))
    ccall(:clock_gettime, Cint, (Cint, Ptr{NTuple{2,Int}}), clock[], spent) == 0 || return 0.0
    return spent[][1] + spent[][2] / 1e9
end

# What the Julia runtime keeps open and a forked child must have for itself.

"""
Put this process's memory into pages of 2 MiB where the kernel has them: a fork copies an entry for every page, and
a child's end gives each of them back, which with ordinary pages takes longer than judging a small answer.

The largest part is the system image's data, mapped from its file and changed at start; such a mapping cannot have
large pages, so it is replaced, in one system call, by anonymous memory with the same content. Where the kernel
refuses, everything stays as it was.
"""
function enlargepages()
    for line in split(read("/proc/self/maps", String), '\n')
        words = split(line)
        length(words) >= 5 && words[2] == "rw-p" || continue
        first, last = (parse(UInt, bound; base = 16) for bound in split(words[1], '-'))
        start, finish = cld(first, HUGE_PAGE) * HUGE_PAGE, fld(last, HUGE_PAGE) * HUGE_PAGE
        finish > start && !startswith(get(words, 6, ""), "[stack") || continue
        words[5] == "0" || replacemapping(start, finish - start)
        madvise(start, finish - start, MADV_HUGEPAGE)
        madvise(start, finish - start, MADV_COLLAPSE)
    end
end

madvise(start, size, advice) = ccall(:madvise, Cint, (UInt, Csize_t, Cint), start, size, advice)

"Replace private memory that is mapped from a file by anonymous memory with the same content."
function replacemapping(start, size)
    space = ccall(:mmap, UInt, (UInt, Csize_t, Cint, Cint, Cint, Int), 0, size + HUGE_PAGE, PROT_READ_WRITE,
        MAP_PRIVATE_ANONYMOUS, -1, 0)
    space == typemax(UInt) && return
    copy = cld(space, HUGE_PAGE) * HUGE_PAGE
    madvise(copy, size, MADV_HUGEPAGE)
    ccall(:memcpy, UInt, (UInt, UInt, Csize_t), copy, start, size)
    ccall(:mremap, UInt, (UInt, Csize_t, Csize_t, Cint, UInt), copy, size, size, MREMAP_MAYMOVE_FIXED, start)
end

"Where a descriptor of this process leads, as the kernel names it."
target(fd) = try
    readlink("/proc/self/fd/$fd")
catch
    ""
end

opendescriptors() = [parse(Int, name) for name in readdir("/proc/self/fd")]

"""
Make this forked child's copies of the runtime's descriptors its own.

- The compiler writes machine code through an open `/proc/self/mem`, which after a fork still is the parent's
  memory. It is opened anew, in the same place.
- libuv waits on an epoll instance that parent and child would share, and wakes itself through an event
  descriptor and a pipe. Each is replaced by a new one in the same place, with the same registrations.

Everything here must be compiled before the first fork; call it once in the parent (it changes nothing there that
matters).
"""
function privatize()
    for fd in opendescriptors()
        link = target(fd)
        if startswith(link, "/proc/") && endswith(link, "/mem")
            own = ccall(:open, Cint, (Cstring, Cint), "/proc/self/mem", O_RDWR | O_CLOEXEC)
            own >= 0 && (duplicate(own, fd); closefd(own))
        end
    end
    loop = ccall(:uv_backend_fd, Cint, (Ptr{Cvoid},), Base.eventloop())
    registered = registrations(loop)
    for (fd, _) in registered
        replacechannel(fd)
    end
    fresh = ccall(:epoll_create1, Cint, (Cint,), O_CLOEXEC)
    fresh >= 0 || return
    duplicate(fresh, loop)
    closefd(fresh)
    for (fd, events) in registered
        # struct epoll_event is packed: 4 bytes of events, 8 of data, where libuv keeps the descriptor.
        event = Vector{UInt8}(undef, 12)
        GC.@preserve event begin
            unsafe_store!(Ptr{UInt32}(pointer(event)), events)
            unsafe_store!(Ptr{UInt64}(pointer(event, 5)), UInt64(fd))
            ccall(:epoll_ctl, Cint, (Cint, Cint, Cint, Ptr{UInt8}), loop, EPOLL_CTL_ADD, fd, event)
        end
    end
end

"What an epoll instance waits for: pairs of descriptor and event mask, from lines `tfd: 5 events: 19 data: …`."
function registrations(epoll)
    found = Tuple{Int,UInt32}[]
    for line in split(read("/proc/self/fdinfo/$epoll", String), '\n')
        startswith(line, "tfd:") || continue
        words = split(line)
        push!(found, (parse(Int, words[2]), parse(UInt32, words[4]; base = 16)))
    end
    return found
end

"Put a new event descriptor, or a new pipe, in the place of an inherited one."
function replacechannel(fd)
    link = target(fd)
    if link == "anon_inode:[eventfd]"
        fresh = ccall(:eventfd, Cint, (Cuint, Cint), 0, O_CLOEXEC | 0o4000)
        fresh >= 0 && (duplicate(fresh, fd); closefd(fresh))
    elseif startswith(link, "pipe:")
        writers = [other for other in opendescriptors() if other != fd && target(other) == link]
        ends = Cint[0, 0]
        ccall(:pipe2, Cint, (Ptr{Cint}, Cint), ends, O_CLOEXEC | 0o4000) == 0 || return
        duplicate(ends[1], fd)
        foreach(writer -> duplicate(ends[2], writer), writers)
        foreach(closefd, ends)
    end
end

end
