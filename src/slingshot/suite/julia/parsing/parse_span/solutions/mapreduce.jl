function parse_span(text)
    seconds(p) = parse(Int, chop(p)) * 60^(findfirst(last(p), "smh") - 1)
    return mapreduce(seconds, +, split(text); init=0)
end
