"""What counts as a passed unit test: the judge's own reading of `@test` and its kin, as Julia's Test defines it."""

import pytest

from slingshot.judge import Submission
from slingshot.suite import TestCase

ANSWER = """```julia
struct Temperature
    degrees::Float64
end
Base.:(==)(a::Temperature, b::Temperature) = a.degrees == b.degrees
broken(x) = throw(ArgumentError("no $x"))
double(x) = 2x
last(x) = "mine"
```"""

PASS = [
    "@test double(2) == 4",
    "@test 4 == double(2)",
    "@test double(2) in [3, 4]",
    "@test double(0.1 + 0.2) ≈ 0.6",
    "@test double(1.0) ≈ 2.01 atol = 0.1",
    "@test isapprox(double(1.0), 2.01; atol = 0.1)",
    "@test 1 < double(2) < 5",
    "@test double(1) == 2 == double(1.0)",
    "@test !isempty([double(2)])",
    "@test double(2) isa Int",
    "@test all(double.([1, 2]) .== [2, 4])",
    "@test Temperature(1.0) == Temperature(1.0)",
    "Test.@test double(2) == 4",
    "x = double(2)\n@test x == 4",
    "for x in 1:3\n    @test double(x) == 2x\nend",
    "let y = 3\n    @test double(y) == 6\nend",
    '@testset "all" begin\n    @test double(1) == 2\n    @test double(2) == 4\nend',
    '@testset "each $x" for x in 1:2\n    @test double(x) == 2x\nend',
    "@test_throws ArgumentError broken(1)",
    '@test_throws ArgumentError("no 1") broken(1)',
    '@test_throws "no 2" broken(2)',
    "@test_throws Exception broken(1)",
    "@test_throws UndefVarError undefined_function(1)",
    "@test_broken double(1) == 3",
    "@test_skip undefined_function(1)",
    "@test double(1) == 3 broken = true",
    "@test undefined_function(1) skip = true",
    "@test last([1, 2]) == 2",
    '@test (println("spam"); true)',
    "f(x) = double(x) + 1\n@test f(1) == 3",
]
FAIL = {
    "@test double(2) == 5": "double(2) == 5 is false: 4 == 5",
    "@test double(2) in [3, 5]": "4 in [3, 5]",
    "@test double(1.0) ≈ 2.2 atol = 0.1": "is false",
    "@test 5 < double(2) < 9": "is false",
    "@test double(2)": "gives no true or false but 4",
    "@test missing": "missing",
    "@test undefined_function(1)": "undefined_function not defined",
    "for x in 1:3\n    @test double(x) == 2\nend": "4 == 2",
    '@testset "all" begin\n    @test double(1) == 2\n    @test double(2) == 5\nend': "4 == 5",
    "try\n    @test double(1) == 3\ncatch\nend": "2 == 3",
    "@test_throws ArgumentError double(1)": "threw nothing",
    "@test_throws BoundsError broken(1)": 'threw ArgumentError(\\"no 1\\")',
    '@test_throws ArgumentError("no 2") broken(1)': "threw",
    '@test_throws "no 3" broken(2)': "threw",
    "@test_broken double(1) == 2": "passes, though it is said to be broken",
    "@test Temperature(1.0) == Temperature(2.0)": "Temperature(1.0) == Temperature(2.0)",
    "broken(7)": "no 7",
    "@test double(": "incomplete",
}


@pytest.fixture(scope="module")
def tests() -> TestCase:
    """A test case whose unit tests are all of the above."""
    return TestCase(
        name="double",
        prompt="Write `double(x)`.",
        examples=["double(1)"],
        unit_tests=[*PASS, *FAIL],
        reference_solution='double(x) = 2x\nbroken(x) = throw(ArgumentError("no $x"))',
    )


def test_right_tests_pass_and_wrong_ones_fail(worker, tests):
    evaluation = worker.judge(Submission(ANSWER, tests))
    assert evaluation.unit_tests_passed == len(PASS), evaluation.detail
    assert evaluation.failure == "tests_failed"


@pytest.mark.parametrize("code", list(FAIL))
def test_a_failure_says_why(worker, tests, code):
    alone = tests.model_copy(update={"unit_tests": [code]})
    evaluation = worker.judge(Submission(ANSWER, alone))
    assert evaluation.unit_tests_passed == 0
    assert evaluation.detail.startswith("unit test 1: ")
    assert FAIL[code].replace("\\", "") in evaluation.detail.replace("\\", "").replace("`", "")


def test_what_is_compared_is_compared_by_julia_and_not_by_the_answer(worker, tests):
    shadows = ANSWER.replace(
        "double(x) = 2x", "double(x) = 0\n==(a, b) = true\n≈(a, b; atol = 0) = true\nin(a, b) = true"
    )
    alone = tests.model_copy(update={"unit_tests": PASS[:6]})
    assert worker.judge(Submission(shadows, alone)).unit_tests_passed == 0


@pytest.mark.parametrize(
    "equality",
    [
        "==(::Yes, ::Any) = true",
        "==(::Yes, ::Number) = true",
        "==(::Yes, ::Int) = true\nBase.isequal(::Yes, ::Any) = true",
    ],
)
def test_a_type_that_equals_everything_is_no_answer(judged, equality):
    evaluation = judged(f"struct Yes end\nBase.:{equality.replace('==', '(==)', 1)}\ndouble(x) = Yes()")
    assert evaluation.unit_tests_passed == 0
    assert "holds for any value" in evaluation.detail


def test_a_type_that_equals_the_right_value_is_one(judged):
    code = "struct Twice x::Int end\nBase.:(==)(a::Twice, b::Int) = 2a.x == b\ndouble(x) = Twice(x)"
    assert judged(code).score == 100


def test_a_name_of_julia_that_the_test_case_asks_for_is_the_answers(worker, tests):
    asked = tests.model_copy(
        update={
            "examples": ["reverse(1)"],
            "unit_tests": ["@test reverse(12) == 21"],
            "reference_solution": "reverse(n) = parse(Int, Base.reverse(string(n)))",
        }
    )
    answer = "```julia\nfunction reverse(n)\n    parse(Int, join(Iterators.reverse(string(n))))\nend\n```"
    assert worker.judge(Submission(answer, asked)).score == 100


def test_the_line_of_the_answers_code_is_found(judged):
    code = 'function double(x)\n    x == 3 || return 2x\n    error("three")\nend'
    evaluation = judged(code)
    assert evaluation.detail == "unit test 3: three"
    assert evaluation.line == 3
    assert judged("double(x) = 2x\n\nundefined_thing(1)").line == 3
    assert judged("double(x) = 2x\nx = (1, \ny =").line in (2, 3, None)
