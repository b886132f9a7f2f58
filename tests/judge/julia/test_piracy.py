"""Answers that change code which is not theirs: said aloud, and never to their advantage."""

import pytest

from slingshot.judge import Submission

OVERRIDES = {
    "==": "Base.:(==)(a::Int, b::Int) = true",
    "imported ==": "import Base: ==\n==(a::Int, b::Int) = true",
    "== for everything": "Base.:(==)(a, b) = true",
    "== through eval": "@eval Base ==(a::Int, b::Int) = true",
    "== by its type": "(::typeof(==))(a::Int, b::Int) = true",
    "== for a union with an own type": "struct Own end\nBase.:(==)(a::Union{Int, Own}, b::Union{Int, Own}) = true",
    "===": "Core.eval(Core, :(==(a::Int, b::Int) = true))\nBase.:(==)(a::Number, b::Number) = true",
    "promotion": "Base.promote_rule(::Type{Int}, ::Type{String}) = Int\nBase.:(==)(a::Int, b::Int) = 1 === 1",
}
HARMLESS = {
    "own type": "struct Own end\nBase.:(==)(a::Own, b::Own) = true\nBase.show(io::IO, ::Own) = print(io, 1)",
    "own parameter": "struct Own end\nBase.length(::Vector{Own}) = 3",
    "own function": "twice(x::Int) = 2x\ntwice(x::String) = x * x",
    "own submodule": "module Inner\nstruct Own end\nBase.:+(a::Own, b::Int) = b\nend",
    "own test set": "using Test\nstruct Mine <: Test.AbstractTestSet end\nTest.record(::Mine, result) = result",
}


@pytest.mark.parametrize("code", OVERRIDES.values(), ids=OVERRIDES)
def test_changing_what_was_there_gains_nothing_and_is_told(judged, code):
    evaluation = judged(f"{code}\ndouble(x) = 0")
    assert evaluation.unit_tests_passed == 0
    assert any("==" in name for name in evaluation.piracy) or evaluation.failure == "load_error"


@pytest.mark.parametrize("code", HARMLESS.values(), ids=HARMLESS)
def test_what_an_answer_does_to_its_own_is_no_piracy(judged, code):
    evaluation = judged(f"{code}\ndouble(x) = 2x")
    assert (evaluation.score, evaluation.piracy) == (100, ())


def test_adding_a_meaning_that_no_test_relies_on_is_told_and_allowed(judged):
    evaluation = judged('Base.:+(a::String, b::String) = a * b\ndouble(x) = ("a" + "b" == "ab") ? 2x : 0')
    assert evaluation.score == 100
    assert evaluation.piracy == ("+(String, String)",)


def test_what_a_first_program_did_to_its_own_is_no_piracy_of_the_second(worker, double):
    answer = "```julia\nstruct Own end\ndouble(x) = 2x\n```\nUse:\n```julia\ndouble(undefined_thing)\n```"
    evaluation = worker.judge(Submission(answer, double))
    assert (evaluation.score, evaluation.piracy) == (100, ())


def test_an_override_during_a_test_is_noticed(judged):
    evaluation = judged("double(x) = (@eval Base.:(==)(a::Int, b::Int) = true; 0)")
    assert evaluation.unit_tests_passed == 0
    assert evaluation.failure in ("tests_failed", "crashed")


@pytest.mark.parametrize(
    "code",
    [
        "import Test\n@eval Test do_test(result, code) = nothing",
        "import Test\nTest.record(::Test.FallbackTestSet, result) = result",
        "Main.Harness.fail(arguments...) = nothing",
        "@eval Main.Harness checktest(outcome, code) = (arguments...) -> nothing",
        "@eval Main.Harness invented = 1",
        'import Test\nCore.eval(Test, Meta.parse("macro test(arguments...) end"))',
    ],
)
def test_touching_test_or_the_judge_is_a_failure(judged, code):
    evaluation = judged(f"{code}\ndouble(x) = 2x")
    assert evaluation.unit_tests_passed == 0
    assert not evaluation.solved


def test_a_test_set_of_ones_own_on_the_stack_changes_nothing(judged):
    code = """using Test
struct Mine <: Test.AbstractTestSet end
Mine(description; options...) = Mine()
Test.record(::Mine, result) = result
Test.finish(mine::Mine) = mine
Test.push_testset(Mine())
double(x) = (Test.push_testset(Mine()); 0)"""
    assert judged(code).unit_tests_passed == 0
