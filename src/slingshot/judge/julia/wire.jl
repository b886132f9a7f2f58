# What travels between the judge in Python and this Julia, as bytes: nothing is ever quoted or escaped.
#
# A message is its length (8 bytes, little endian) and then fields; a field is its length as digits, a line break,
# and the bytes; a list is a count, a line break, and that many fields.

"Read a message from a descriptor; `nothing` when the other side is gone."
function readmessage(fd)
    head = readexactly(fd, 8)
    head === nothing && return nothing
    body = readexactly(fd, ltoh(reinterpret(UInt64, head)[1]))
    return body === nothing ? nothing : IOBuffer(body)
end

readfield(io::IO) = String(read(io, parse(Int, readline(io))))
readlist(io::IO) = [readfield(io) for _ in 1:parse(Int, readline(io))]

"Write fields as one message, after a seal that tells the reader who wrote it."
function writemessage(fd, seal, fields)
    body = IOBuffer()
    for field in fields
        print(body, sizeof(field), '\n', field)
    end
    bytes = take!(body)
    writeall(fd, vcat(seal, reinterpret(UInt8, [htol(UInt64(length(bytes)))]), bytes))
end

"One answer to judge, and how."
struct Request
    tier::String                # "interpreted" or "compiled"
    mode::String                # "default" or "leaderboard"
    early::Bool                 # leaderboard: recorded before its quoting changed
    oldnames::Bool              # leaderboard: recorded before its way to find a function's name changed
    name::String                # of the test case: the function it asks for
    imports::Vector{String}
    programs::Vector{String}    # default: programs to try in order; leaderboard: the whole answer
    examples::Vector{String}
    unittests::Vector{String}
    reference::String           # the reference solution
    skipped::Vector{String}     # pieces that ran out of time before, such as "unit_test 3"
    seconds::Float64
    eachpiece::Bool             # whether the time limit is for each piece, or for all
    memory::Int                 # bytes
    filesize::Int               # bytes
    processes::Int
end

Request(io::IO) = Request(
    readfield(io), readfield(io), readfield(io) == "true", readfield(io) == "true", readfield(io), readlist(io), readlist(io), readlist(io),
    readlist(io), readfield(io), readlist(io), parse(Float64, readfield(io)), readfield(io) == "true",
    parse(Int, readfield(io)), parse(Int, readfield(io)), parse(Int, readfield(io)),
)

"""
Where findings go: `report(kind, words...)` puts down one line that begins with a secret, `flush(report)` sends what
was put down. It is called before any code of the answer runs: what is found survives the answer's end.

Whoever knows the secret can forge a verdict. It is kept apart as two halves that mean nothing alone, put together
for the moment of writing only, and no name leads to this object: the answer runs in the same process.
"""
struct Report
    fd::Int
    half::Vector{UInt8}
    otherhalf::Vector{UInt8}
    lines::Vector{Vector{UInt8}}
end

const SECRET_LENGTH = 32

"Take the secret over and wipe the bytes it came in."
function Report(fd, secret::Vector{UInt8})
    half = randombytes(length(secret))
    otherhalf = [mine ⊻ other for (mine, other) in zip(secret, half)]
    fill!(secret, 0x00)
    return Report(fd, half, otherhalf, Vector{UInt8}[])
end

(report::Report)(words...) = (push!(report.lines, Vector{UInt8}(replace(join(words, ' '), '\n' => ' '))); nothing)

function Base.flush(report::Report)
    sent = Vector{UInt8}(undef, reduce(+, (SECRET_LENGTH + length(line) + 2 for line in report.lines); init = 0))
    place = 0
    for line in report.lines
        for index in 1:SECRET_LENGTH
            sent[place + index] = report.half[index] ⊻ report.otherhalf[index]
        end
        sent[place + SECRET_LENGTH + 1] = UInt8(' ')
        copyto!(sent, place + SECRET_LENGTH + 2, line, 1, length(line))
        place += SECRET_LENGTH + length(line) + 2
        sent[place] = UInt8('\n')
    end
    writeall(report.fd, sent)
    fill!(sent, 0x00)
    empty!(report.lines)
    return nothing
end
