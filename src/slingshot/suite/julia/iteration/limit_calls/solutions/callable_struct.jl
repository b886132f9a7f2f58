struct Limiter
    most::Int
    span::Int
    allowed::Vector{Int}
end

isrecent(limiter, earlier, now) = now - earlier < limiter.span

function (limiter::Limiter)(time)
    recent = count(earlier -> isrecent(limiter, earlier, time), limiter.allowed)
    recent < limiter.most || return false
    push!(limiter.allowed, time)
    return true
end

limit_calls(most, span) = Limiter(most, span, Int[])
