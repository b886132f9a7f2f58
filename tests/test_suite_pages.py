"""The pages about the bundled suite say what the suite says, and its programs use nothing that is too new."""

from pathlib import Path

import pytest

from slingshot.errors import SlingshotError
from slingshot.suite import TestCase
from slingshot.suite_constructs import constructs_of, constructs_page
from slingshot.suite_page import MUTANTS, suite_page

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_the_suite_is_the_suites(suite):
    written, _, mutants = (DOCS / "suite.md").read_text().partition(f"\n{MUTANTS}")
    assert written == suite_page(suite), (
        "run: python -m slingshot.suite_page --mutations FILE > docs/suite.md"
    )
    assert mutants
    for case in suite:
        assert f"\n| `{case.name}` | {case.difficulty} | " in written


def test_survivors_are_listed_where_they_are_known(named):
    case = named("pad_cell")
    found = {"mutants": 9, "killed": 8, "killed_share": 8 / 9}
    survivor = {"test_case": "pad_cell", "path": "p", "change": "|| -> && in a ||\n b"}
    page = suite_page([case], {**found, "survivors": [survivor]})
    assert "8 of 9 mutants were found wrong (88.9%)" in page
    assert "| `pad_cell` | `\\|\\| -> && in a \\|\\| b` |" in page
    assert MUTANTS not in suite_page([case])


def test_what_a_model_makes_of_each_difficulty_is_told_where_it_was_measured(suite):
    def scored(mean):
        return {case.name: {"mean": mean, "solved": mean / 200} for case in suite}

    models = [
        {"kind": kind, "name": kind, "per_task": scored(mean)} for kind, mean in (("base", 10), ("gguf", 60))
    ]
    page = suite_page(suite, verdict={"models": models, "training": {"rows": 160}})
    assert page.count("| trained on |") == page.count("| held out |") - 21 == 3
    assert "| easy | trained on | 13 | 10 [" in page
    assert "| hard | held out | 6 | 10 [" in page
    assert "Difficulty, measured" not in suite_page(suite)


def test_a_changed_rule_is_told_from_where_it_differs(named):
    assert (
        "| … exactly `width` characters, set flush right. Shorter text gets spaces on the left. |"
    ) in suite_page([named("pad_cell")])


@pytest.fixture(scope="module")
def bundled(suite):
    return constructs_of(suite)


def test_the_bundled_suite_uses_no_name_that_julia_does_not_know(bundled):
    assert bundled.unknown == []
    assert bundled.programs["right"] > 600
    newest = max(tuple(map(int, construct.since.split("."))) for construct in bundled.found)
    assert newest <= (1, 5)


def test_the_page_of_constructs_is_the_suites(bundled):
    written = (DOCS / "suite-constructs.md").read_text()
    if f"as Julia {bundled.julia} reads them" not in written:
        pytest.skip(f"the page was made with another Julia than {bundled.julia}, whose texts differ")
    assert written == constructs_page(bundled), (
        "run: python -m slingshot.suite_constructs > docs/suite-constructs.md"
    )


def a_case(program, test="@test f(1) == 1", **keys):
    return TestCase(
        name="f", prompt="f", examples=["f(1)"], unit_tests=[test], reference_solution=program, **keys
    )


def test_names_are_told_from_local_ones_and_newer_forms_from_older_ones():
    program = """
    import Dates
    "What `f` does."
    function f(first; by, last = 1)
        count = sum(x for x in 1:first if x > last; init = 0)
        names = Base.Iterators.take(by, 2)
        keep = isnothing(names) ? Dates.year(today) : mergewith(+, count, names)
        return sort(keep; by) .+ map(abs, first[begin:end]) .+ eachsplit_(names)
    end
    const eachsplit_ = f
    """
    found = constructs_of([a_case(program, "let s = 1\n    @test f(s) == split(s)\nend")])
    since = {construct.name: construct.since for construct in found.found}
    owners = {construct.name: construct.owner for construct in found.found}
    assert {"take", "year", "sum", "isnothing", "mergewith", "sort", "map", "abs", "split"} <= since.keys()
    assert not {"first", "last", "count", "names", "by", "keep", "f"} & since.keys()
    assert (since["mergewith"], since["isnothing"], since["sum"]) == ("1.5", "1.1", "1.0")
    assert (since["a[begin]"], since["f(; y) for f(; y = y)"]) == ("1.4", "1.5")
    assert (owners["take"], owners["year"], owners["sort"]) == ("Base.Iterators", "Dates", "Base")
    assert found.unknown == ["f: reference_solution: today"]


def test_an_argument_without_a_default_is_no_newer_form():
    found = constructs_of([a_case("f(x; y) where {T} = x\nf(x) = allequal_(x)\nallequal_(x) = eachsplit(x)")])
    assert "f(; y) for f(; y = y)" not in {construct.name for construct in found.found}
    assert found.unknown == ["f: reference_solution: eachsplit"]


@pytest.mark.parametrize(
    ("program", "why"), [("function f(x", "incomplete"), ("f(x) = @newer x", "@newer not defined")]
)
def test_a_program_that_cannot_be_read_is_named(program, why):
    with pytest.raises(SlingshotError, match=rf"f: reference_solution: Julia .* cannot read it: .*{why}"):
        constructs_of([a_case(program)])
