abstract type Rule end

struct AtLeast <: Rule
    field::Symbol
    limit
end

struct Mentions <: Rule
    field::Symbol
    word::String
end

struct Both <: Rule
    a::Rule
    b::Rule
end

struct Either <: Rule
    a::Rule
    b::Rule
end

struct Not <: Rule
    rule::Rule
end

Base.:&(a::Rule, b::Rule) = Both(a, b)
Base.:|(a::Rule, b::Rule) = Either(a, b)
Base.:!(rule::Rule) = Not(rule)

matches(rule::Both, entry) = matches(rule.a, entry) && matches(rule.b, entry)
matches(rule::Either, entry) = matches(rule.a, entry) || matches(rule.b, entry)
matches(rule::Not, entry) = !matches(rule.rule, entry)

matches(rule::AtLeast, entry) = haskey(entry, rule.field) && entry[rule.field] > rule.limit
matches(rule::Mentions, entry) = haskey(entry, rule.field) && occursin(rule.word, entry[rule.field])
