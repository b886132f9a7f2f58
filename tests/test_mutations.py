"""Small mistakes in right programs, and whether unit tests see them."""

import pytest

from recorded import doubling
from slingshot.errors import SlingshotError
from slingshot.mutations import check_mutations, mutants_of
from slingshot.suite import bundled_suite

PROGRAM = '''
using Dates

"""
Say how many of `values` are above `limit`; a "text" here stays.
"""
function above(values::Vector{Int}, limit = 3)
    limit < 0 && throw(ArgumentError("limit is negative"))
    count = 0
    for i in 1:length(values)
        if values[i] > limit
            count += 1
        end
    end
    return occursin(r"a+", "x") ? -1 : count
end
'''


def changes(program, by):
    (pairs,) = mutants_of([program], by)
    return pairs


def test_each_mutant_differs_in_one_operator_bound_constant_or_branch(by):
    (nothing, plain), *mutants = changes(PROGRAM, by)
    assert nothing == ""
    assert "function above(values::Vector{Int}, limit = 3)" in plain
    what = [change for change, _ in mutants]
    assert what == [
        "&& -> || in limit < 0 && throw(ArgumentError(\"limit is negative\"))",
        "< -> <= in limit < 0",
        "0 -> 1",
        "0 -> 1",
        "the last of 1:length(values) is one less",
        "the first of 1:length(values) is one more",
        "1 -> 2",
        "the branches of: if values[i] > limit",
        "> -> >= in values[i] > limit",
        "+= -> -= in count += 1",
        "1 -> 2",
        "the branches of: if occursin(r\"a+\", \"x\")",
        "\"x\" -> \"\"",
        "-1 -> 0",
    ]  # fmt: skip
    assert len({code for _, code in mutants}) == len(mutants), "signatures, texts of errors and patterns stay"


def test_every_reference_solution_of_the_bundled_suite_is_itself_again_when_julia_prints_it(suite, by):
    written = mutants_of([case.reference_solution for case in suite], by)
    assert all(pairs[0][0] == "" for pairs in written)
    assert all(len(pairs) > 1 for pairs in written)


def test_mutants_that_pass_are_listed_with_what_was_changed(by):
    case = doubling().model_copy(
        update={
            "reference_solution": "double(x) = x > 100 ? x + x : 2x",
            "unit_tests": ["@test double(3) == 6"],
        }
    )
    found = check_mutations([case], by)
    assert found.mutants == found.killed + len(found.survivors)
    survived = {survivor.change for survivor in found.survivors}
    assert {"> -> >= in x > 100", "100 -> 101", "+ -> - in x + x"} <= survived
    assert "2 -> 3" not in survived
    assert 0 < found.killed_share < 0.5


def test_a_program_that_runs_for_ever_counts_as_found_wrong(by):
    code = "function double(x)\n    n = 0\n    while n < x\n        n += 1\n    end\n    return 2n\nend"
    case = doubling().model_copy(update={"reference_solution": code})
    found = check_mutations([case], by)
    assert "+= -> -= in n += 1" not in {survivor.change for survivor in found.survivors}


def test_a_wrong_reference_solution_is_told_apart_from_its_mutants(by):
    case = doubling().model_copy(update={"reference_solution": "double(x) = 3x"})
    with pytest.raises(
        SlingshotError, match="the reference solution as Julia prints it: .*suite validate first"
    ):
        check_mutations([case], by)


def test_the_command_lists_survivors_and_fails_below_the_least_share(tmp_path):
    from command import slingshot

    folder = bundled_suite() / "strings" / "pad_cell"
    done = slingshot("suite", "mutate", folder)
    assert done.returncode == 0, done.stderr
    assert "mutants wrong" in done.stderr
    text = (folder / "definition.toml").read_text()
    (tmp_path / "definition.toml").write_text(text.replace("@test", "@test true ||"))
    blunt = slingshot("suite", "mutate", tmp_path, "--format", "json")
    assert blunt.returncode == 1
    assert "fewer than 90%; add unit tests for those that survived" in blunt.stderr
    assert '"killed_share"' in blunt.stdout
