seconds(n, ::Val{'h'}) = 3600n
seconds(n, ::Val{'m'}) = 60n
seconds(n, ::Val{'s'}) = n
function parse_span(text)
    parts = split(text)
    return sum(Int[seconds(parse(Int, chop(p)), Val(last(p))) for p in parts])
end
