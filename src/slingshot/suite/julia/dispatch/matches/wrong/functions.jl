abstract type Rule end

struct AtLeast <: Rule
    field::Symbol
    limit
end

struct Mentions <: Rule
    field::Symbol
    word::String
end

matches(rule::AtLeast, entry) = haskey(entry, rule.field) && entry[rule.field] >= rule.limit
matches(rule::Mentions, entry) = haskey(entry, rule.field) && occursin(rule.word, entry[rule.field])
matches(rule::Function, entry) = rule(entry)

Base.:&(a::Rule, b::Rule) = entry -> matches(a, entry) && matches(b, entry)
Base.:|(a::Rule, b::Rule) = entry -> matches(a, entry) || matches(b, entry)
Base.:!(a::Rule) = entry -> !matches(a, entry)
