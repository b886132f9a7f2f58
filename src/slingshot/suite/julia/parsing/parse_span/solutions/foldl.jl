unit_size(c) = c == 'h' ? 3600 : c == 'm' ? 60 : 1
function parse_span(text)
    foldl(split(text); init=0) do total, part
        total + parse(Int, part[1:end-1]) * unit_size(part[end])
    end
end
