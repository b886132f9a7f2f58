"""The suite that ships with Slingshot: its form, and that real Julia agrees with it."""

from collections import Counter

import pytest

from slingshot.dataset.normalize import normalized_code
from slingshot.judge import judge_many

# For every test case programs that a model might well write, and that are wrong.
WRONG = {
    "cite_name": """
function cite_name(name)
    words = split(name)
    length(words) < 2 && return name
    return words[end] * ", " * join([word[1] * "." for word in words[1:end-1]], " ")
end
""",
    "count_levels": """
function count_levels(log)
    counts = Dict{String,Int}()
    for found in eachmatch(r"\\[(\\w+)\\]", log)
        counts[found[1]] = get(counts, found[1], 0) + 1
    end
    return counts
end
""",
    "drop_spikes": """
using Statistics
drop_spikes(values, limit) = isempty(values) ? values : filter(v -> abs(v - mean(values)) <= limit, values)
""",
    "find_shortages": "find_shortages(stock, wanted) = Dict(k => v - get(stock, k, 0) for (k, v) in wanted)",
    "free_slots": "free_slots(used, n) = [i for i in 0:n if !(i in used)]",
    "layer_settings": "layer_settings(base, extra) = merge(base, extra)",
    "mask_code": 'mask_code(code, keep) = "*"^(length(code) - keep) * last(code, keep)',
    "order_totals": "order_totals(orders) = Dict(orders)",
    "pad_cell": "pad_cell(text, width) = rpad(text, width)",
    "parse_days": """
using Dates
function parse_days(text)
    first_day, last_day = Date.(split(text, ".."))
    return collect(first_day:Day(1):last_day)
end
""",
    "parse_pairs": """
parse_pairs(line) = Dict(Pair(strip.(split(part, '='; limit=2))...) for part in split(line, ';'))
""",
    "parse_span": """
function parse_span(text)
    found = match(r"(\\d+)h (\\d+)m (\\d+)s", text)
    return parse(Int, found[1]) * 3600 + parse(Int, found[2]) * 60 + parse(Int, found[3])
end
""",
    "percent_shares": "percent_shares(counts) = round.(100 .* counts ./ sum(counts), digits=1)",
    "quote_field": 'quote_field(text) = any(c -> c in ",\\"\\n", text) ? "\\"$text\\"" : text',
    "split_amount": "split_amount(cents, weights) = round.(Int, cents .* weights ./ sum(weights))",
    "window_change": "window_change(values, k) = diff(values)",
}


def fenced(code: str) -> str:
    return f"```julia\n{code.strip()}\n```"


def test_there_are_four_test_cases_in_each_of_four_categories(suite):
    categories = Counter(test_case.category for test_case in suite)
    assert categories == {"collections": 4, "numbers": 4, "parsing": 4, "strings": 4}


def test_every_test_case_is_complete(suite):
    for test_case in suite:
        assert test_case.folder.name == test_case.name
        assert len(test_case.examples) >= 3
        assert len(test_case.unit_tests) >= 5
        assert all("@test" in unit_test for unit_test in test_case.unit_tests)
        assert f"`{test_case.name}(" in test_case.prompt, "the prompt names the function and its arguments"


def test_the_prompt_gives_no_unit_test_away_but_its_own_example(suite):
    for test_case in suite:
        shown = [
            t for t in test_case.unit_tests if t.removeprefix("@test ").split(" == ")[0] in test_case.prompt
        ]
        assert len(shown) <= 1


def test_one_test_case_of_each_category_has_no_solutions_and_the_others_have_eight_or_more(suite):
    without = [test_case for test_case in suite if not test_case.solutions()]
    assert {test_case.category for test_case in without} == {"collections", "numbers", "parsing", "strings"}
    assert len(without) == 4
    for test_case in suite:
        if test_case not in without:
            programs = {normalized_code(code) for code in test_case.solutions().values()}
            assert len(programs) == len(test_case.solutions()) >= 8


@pytest.mark.parametrize("kind", ["reference", "solution"])
def test_all_bundled_programs_score_full_marks_in_real_julia(suite, by, kind):
    programs = [
        (f"{test_case.name}/{name}", fenced(code), test_case)
        for test_case in suite
        for name, code in (
            {"reference": test_case.reference_solution} if kind == "reference" else test_case.solutions()
        ).items()
    ]
    assert len(programs) == 16 if kind == "reference" else len(programs) >= 96
    found = dict(judge_many([(answer, test_case) for _, answer, test_case in programs], by))
    failed = {
        programs[index][0]: evaluation for index, evaluation in found.items() if evaluation.score != 100
    }
    assert len(found) == len(programs)
    assert not failed


def test_a_plausible_wrong_program_passes_some_but_not_all_of_every_test_case(suite, by):
    assert sorted(WRONG) == [test_case.name for test_case in suite]
    work = [(fenced(WRONG[test_case.name]), test_case) for test_case in suite]
    for index, evaluation in judge_many(work, by):
        name = suite[index].name
        assert evaluation.parsed, name
        assert evaluation.executed, name
        assert evaluation.unit_tests_passed < evaluation.unit_tests_count, name
        assert 50 <= evaluation.score < 100, name
        assert evaluation.failure == "tests_failed", name
        assert not evaluation.solved, name
