"""Why two judges disagree: a rule for each cause."""

from dataclasses import replace
from pathlib import Path

import pytest

from recorded import answered, doubling
from slingshot.judge import Evaluation, Judge
from slingshot.judge.julia.locate import Julia
from slingshot.recordings.answers import RecordedAnswer
from slingshot.recordings.causes import cause_of_difference

THEN = {"parsed": True, "executed": True, "unit_tests_passed": 4, "examples_executed": 2}
NOW = Evaluation(True, True, 2, 4, 2, 2, "tests_failed", "unit test 3: false")


@pytest.fixture
def cause(by: Judge):
    """The cause of a difference, under Julia 1.5 unless another version is given."""

    def find(code="double(x) = 2x", then=THEN, now=NOW, julia="1.5.3", mode="default", **options):
        when, case = options.get("when", "20241001"), options.get("case", doubling())
        path = Path(f"conversation__InJulia__1SHOT__{when}_120000__100.json")
        answer = RecordedAnswer(path, case, "m", answered(f"```julia\n{code}\n```"), {}, then)
        old: Julia = replace(by.julia, version=julia)
        return cause_of_difference(answer, now, replace(by, julia=old, mode=mode), ["DataFrames"])

    return find


@pytest.mark.parametrize("failure", ["timeout", "memory", "crashed"])
def test_how_judging_ended_comes_first(cause, failure):
    assert cause("using Nowhere", now=replace(NOW, failure=failure)) == failure


def test_an_answer_that_parses_only_once_is_the_parsers_affair(cause):
    assert cause(now=Evaluation(False, False, 0, 4, 0, 2, "parse_error")) == "parser"
    assert cause(then={**THEN, "parsed": False}) == "parser"


def test_quotes_that_only_the_leaderboard_stumbled_over(cause):
    docstring = '"""Doubles."""\ndouble(x) = 2x'
    assert cause(docstring, then={**THEN, "parsed": False}) == "quoting"
    assert cause(docstring, then={**THEN, "parsed": False}, mode="leaderboard") == "parser"
    quoting = doubling().model_copy(update={"unit_tests": ['@test double("ab") == "abab"']})
    fewer = {**THEN, "unit_tests_passed": 0}
    assert cause(then=fewer, case=quoting, when="20240101") == "quoting"
    assert cause(then=fewer, case=quoting, when="20240812") == "other"


def test_a_package_that_is_not_installed(cause):
    for code in ("using Nowhere", "import Nowhere: f", "using Dates, Nowhere", "import Nowhere as N"):
        assert cause(code) == "package not installed here"
    for code in ("using Dates", "using DataFrames", "module Mine\nend\nusing .Mine", "import Base.show"):
        assert cause(code) == "other"
    missing = "ArgumentError: Package Nowhere not found in current path"
    assert cause(now=replace(NOW, detail=missing)) == "package not installed here"


@pytest.mark.parametrize(
    "detail, since",
    [
        ("UndefVarError: eachsplit not defined", (1, 8)),
        ("UndefVarError: `stack` not defined in `Main`", (1, 9)),
        ("unit test 1: UndefVarError: @spawn not defined", (1, 6)),
        (
            "MethodError: no method matching replace(::String, ::Pair{String,String}, ::Pair{Char,Char})",
            (1, 7),
        ),
        ("example 1: MethodError: no method matching argmax(::typeof(abs), ::Array{Int64,1})", (1, 7)),
        ('MethodError: no method matching (::Base.var"#sum##kw")(::NamedTuple, ::typeof(sum))', None),
        ("UndefVarError: mystery not defined", None),
    ],
)
def test_a_function_that_later_julias_have(cause, detail, since):
    now = replace(NOW, detail=detail)
    newer = "function newer than this Julia"
    assert cause(now=now) == (newer if since else "other")
    if since:
        assert cause(now=now, julia=f"{since[0]}.{since[1]}.0") == "other"
        assert cause(now=now, julia=f"{since[0]}.{since[1] - 1}.9") == newer


def test_piracy_and_chance_come_last(cause):
    assert cause("double(x) = rand()", now=replace(NOW, piracy=("+(Int, Int)",))) == "piracy"
    for code in ("double(x) = rand()", "using Dates\ndouble(x) = now()", "using Random\nshuffle!([1])"):
        assert cause(code) == "random or time dependent"
    assert cause("double(x) = brand(x)") == "other"
