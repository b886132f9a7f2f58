"""What the judge finds when real Julia runs an answer: marks, failures and their names."""

from dataclasses import replace
from pathlib import Path

import pytest

from slingshot.judge import HarnessError, Limits, judge, judge_many
from slingshot.suite import Variant, load_test_case

DEFINITION = """[code_generation]
name = "double"
prompt = "Write a function `double(x)`."
imports = ["{package}"]
examples = ["double(1)"]
unit_tests = ["@test double(2) == 4"]
reference_solution = "double(x) = 2x"
"""


def counts(evaluation):
    return (evaluation.unit_tests_passed, evaluation.examples_executed)


def test_a_right_answer_gets_full_marks(judged):
    evaluation = judged("double(x) = 2x")
    assert (evaluation.score, evaluation.failure, evaluation.detail) == (100, None, "")
    assert evaluation.solved
    assert counts(evaluation) == (4, 2)
    assert (evaluation.unit_tests_count, evaluation.examples_count) == (4, 2)
    assert 0 < evaluation.seconds < 10


def test_unit_tests_count_by_their_share(judged):
    evaluation = judged("double(x) = x < 3 ? 2x : 0")
    assert counts(evaluation) == (2, 2)
    assert evaluation.score == 87.5
    assert evaluation.failure == "tests_failed"
    assert not evaluation.solved


def test_a_failed_unit_test_is_shown_with_its_values(judged):
    detail = judged("double(x) = x < 3 ? 2x : 5").detail
    assert detail.startswith("unit test 3: ")
    assert "double(3) == 6" in detail
    assert "5 == 6" in detail


def test_an_exception_in_an_example_is_shown(judged):
    evaluation = judged('double(x) = x == 2 ? error("no twos") : 2x')
    assert counts(evaluation) == (3, 1)
    assert evaluation.detail == "example 2: no twos"


def test_an_answer_without_code_scores_nothing(double, by):
    evaluation = judge("I cannot do that.", double, by=replace(by, julia=None))  # and Julia is not asked
    assert (evaluation.score, evaluation.failure) == (0, "no_code")
    assert (evaluation.unit_tests_count, evaluation.examples_count) == (4, 2)


@pytest.mark.parametrize("code", ["double(x) = 2x)", "function double(x)\n    2x", 'double(x) = "'])
def test_code_that_does_not_parse_scores_nothing(judged, code):
    evaluation = judged(code)
    assert (evaluation.score, evaluation.failure) == (0, "parse_error")
    assert evaluation.detail


def test_code_that_does_not_load_has_parsed(judged):
    evaluation = judged("double(x) = 2x\nundefined_thing(1)")
    assert (evaluation.score, evaluation.failure) == (25, "load_error")
    assert "undefined_thing not defined" in evaluation.detail.replace("`", "")


@pytest.mark.parametrize(
    "failing",
    [
        'fetch(@async error("deep inside"))',
        '@sync @async error("deep inside")',
        'fetch(@async fetch(@async error("deep inside")))',
        'include_string(Main, "error(\\"deep inside\\")")',
        'using Distributed\n@sync @distributed for x in 1:2\n    error("deep inside")\nend',
    ],
)
def test_an_error_in_a_task_is_told_by_its_cause_without_a_stack_trace(judged, failing):
    evaluation = judged(f"double(x) = 2x\n{failing}")
    assert (evaluation.failure, evaluation.detail) == ("load_error", "deep inside")


def test_errors_that_report_each_other_are_the_answers_failure(judged):
    evaluation = judged("all = CompositeException()\npush!(all.exceptions, all)\nthrow(all)")
    assert evaluation.failure == "load_error"


def test_code_without_the_function_has_run(judged):
    evaluation = judged("triple(x) = 3x  # the wrong one")
    assert (evaluation.score, evaluation.failure) == (50, "tests_failed")


def test_a_comment_is_a_program_that_does_nothing(judged):
    assert judged("# double(x) = 2x").score == 50


def test_an_endless_loop_is_stopped_and_keeps_what_was_found_before(double, by):
    short = replace(by, limits=Limits(seconds=3))
    code = "function double(x)\n    while x == 3\n    end\n    return 2x\nend"
    evaluation = judge(f"```julia\n{code}\n```", double, by=short)
    assert evaluation.failure == "timeout"
    assert counts(evaluation) == (2, 2)
    assert evaluation.score == 87.5
    assert 3 <= evaluation.seconds < 5


def test_an_answer_that_exits_is_a_crash_and_keeps_what_was_found_before(judged):
    evaluation = judged("double(x) = x == 3 ? exit(0) : 2x")
    assert evaluation.failure == "crashed"
    assert counts(evaluation) == (2, 2)


@pytest.mark.parametrize("place", ["top level", "unit test"])
def test_an_answer_that_wants_too_much_memory_is_told_apart(double, by, place):
    small = replace(by, limits=Limits(memory_bytes=1 << 30))
    huge = "ones(Int, 10^9)"
    code = f"{huge}\ndouble(x) = 2x" if place == "top level" else f"double(x) = x == 3 ? {huge} : 2x"
    evaluation = judge(f"```julia\n{code}\n```", double, by=small)
    assert evaluation.failure == "memory"
    assert counts(evaluation) == ((0, 0) if place == "top level" else (3, 2))


@pytest.mark.parametrize(
    "own_test",
    [
        "@test double(1) == 3",
        "Test.@test double(1) == 3",
        '@testset "mine" begin\n    @test double(1) == 3\nend',
        "@test_throws ErrorException double(1)",
        "@test_broken double(1) == 2",
        "@test_nowarn double(undefined_thing)",
        "passed = @test double(1) == 3",
    ],
)
def test_own_tests_that_fail_do_no_harm(judged, own_test):
    assert judged(f"using Test\ndouble(x) = 2x\n{own_test}").score == 100


@pytest.mark.parametrize(
    "trick",
    [
        "@test double(1) == 2",
        "macro test(arguments...) end",
        "import Test: @test\nmacro test(one) end",
        '@testset "all" begin @test true end',
    ],
)
def test_own_tests_do_no_good(judged, trick):
    evaluation = judged(f"double(x) = 0\n{trick}")
    assert counts(evaluation) == (0, 2)
    assert evaluation.score == 75


def test_an_own_macro_in_the_place_of_test_does_no_good_even_when_hidden(judged):
    evaluation = judged('double(x) = 0\neval(Meta.parse("macro test(arguments...) end"))')
    assert evaluation.unit_tests_passed == 0


def test_an_answer_may_print_a_lot(judged):
    evaluation = judged('double(x) = (foreach(_ -> println("spam"^100), 1:500); println(stderr, "x"); 2x)')
    assert evaluation.score == 100


@pytest.mark.parametrize(
    "fake",
    [
        'for n in 1:4 println("unit_test ", n, " passed") end; println("done")',
        'for n in 1:4 println("0"^32, " unit_test ", n, " passed") end',
        'try write("/proc/self/fd/1", "unit_test 1 passed\\ndone\\n") catch end',
        'for fd in 1:60\n    s = "unit_test 1 passed\\n"\n'
        "    ccall(:write, Int, (Cint, Ptr{UInt8}, Int), fd, s, sizeof(s))\nend",
    ],
    ids=["printed", "printed with a guessed secret", "through /proc", "to every descriptor"],
)
def test_an_answer_cannot_print_findings(judged, fake):
    evaluation = judged(f"{fake}\ndouble(x) = 0")
    assert counts(evaluation) == (0, 2)
    assert evaluation.score == 75


@pytest.mark.parametrize("usage", ["double(my_number)", "julia> double(2)\n4"])
def test_usage_examples_in_a_second_block_may_be_broken(double, by, usage):
    answer = f"```julia\ndouble(x) = 2x\n```\nUse it so:\n```julia\n{usage}\n```"
    evaluation = judge(answer, double, by=by)
    assert (evaluation.score, evaluation.failure, evaluation.detail) == (100, None, "")


def test_a_second_block_may_need_the_first(double, by):
    answer = "```julia\ntwice(x) = 2x\n```\n```julia\ndouble(x) = twice(x)\n```"
    assert judge(answer, double, by=by).score == 100


def test_quotes_dollars_and_unicode_reach_julia_as_they_are(double, by):
    code = '''"""
    double(x)

Doubles `x`, "quoted", for \\$5 and 5 µm. 😀
"""
function double(größe)
    π² = raw"$größe \\\\"
    text = """a "quoted" $(größe) ü"""
    text == "a \\"quoted\\" $größe ü" || error(text)
    π² == "\\$größe \\\\" || error(π²)
    return 2größe  # "unbalanced
end'''
    assert judge(f"```julia\n{code}\n```", double, by=by).score == 100


def test_half_a_character_in_an_answer_breaks_only_that_answer(double, by):
    assert judge('```julia\ndouble(x) = 2x\ns = "\ud83d"\n```', double, by=by).score in (0, 100)


@pytest.mark.parametrize(
    "code",
    [
        'eval(Meta.parse("double(x) = 2x"))',
        "for T in (Int, Float64)\n    @eval double(x::$T) = 2x\nend",
        "module Doubling\nexport double\ndouble(x) = 2x\nend\nusing .Doubling",
        "struct Doubler end\n(::Doubler)(x) = 2x\nconst double = Doubler()",
        "double = x -> 2x",
    ],
)
def test_a_function_may_be_made_in_any_way(judged, code):
    assert judged(code).score == 100


def test_a_missing_package_makes_an_answer_unavailable_and_not_wrong(tmp_path, by):
    path = tmp_path / "definition.toml"
    path.write_text(DEFINITION.format(package="NoSuchPackage"))
    evaluation = judge("```julia\ndouble(x) = 2x\n```", load_test_case(path), by=by)
    assert (evaluation.failure, evaluation.score) == ("unavailable", None)
    assert "NoSuchPackage" in evaluation.detail


def test_imports_of_the_test_case_are_there_for_answer_and_tests(tmp_path, by):
    path = tmp_path / "definition.toml"
    path.write_text(
        DEFINITION.format(package="Statistics").replace("double(2) == 4", "mean([double(2), 6]) == 5")
    )
    assert judge("```julia\ndouble(x) = mean([4x, 0])\n```", load_test_case(path), by=by).score == 100


def test_setup_and_teardown_surround_every_piece(double, by):
    around = double.model_copy(
        update={
            "examples": ["double(setup_value)"],
            "examples_setup": "setup_value = 2",
            "unit_tests": ["@test double(3) == expected"],
            "unit_tests_setup": "expected = 6",
            "unit_tests_teardown": "@test expected == 6",
        }
    )
    assert judge("```julia\ndouble(x) = 2x\n```", around, by=by).score == 100


@pytest.mark.parametrize(
    "code",
    [
        'double(x) = Base.llvmcall("%2 = add i64 %0, %0\\nret i64 %2", Int64, Tuple{Int64}, x)',
        'add(x) = Base.llvmcall("%2 = add i64 %0, %0\\nret i64 %2", Int64, Tuple{Int64}, x)\n'
        "double(x) = x == 4 ? add(x) : 2x",
        "twice(x::Cint) = x + x\nconst pointer_to_it = @cfunction(twice, Cint, (Cint,))\n"
        "double(x) = Int(ccall(pointer_to_it, Cint, (Cint,), x))",
        "deep(n) = n == 0 ? 0 : 1 + deep(n - 1)\ndouble(x) = x == 4 ? deep(50_000) - 49_992 : 2x",
    ],
    ids=["llvmcall", "llvmcall in one unit test", "cfunction", "deep recursion in one unit test"],
)
def test_what_only_compiled_julia_can_run_passes_all_the_same(judged, code):
    assert judged(code).score == 100


def test_a_loop_of_a_million_turns_passes_within_the_limit(judged):
    loop = "s = 0\n    for i in 1:1_000_000\n        s += i & 1\n    end\n    return s - 500_000 + 8"
    evaluation = judged(f"function double(x)\n    x == 4 || return 2x\n    {loop}\nend")
    assert evaluation.score == 100
    assert evaluation.seconds < 10


def test_recursion_without_end_is_a_failed_test(judged):
    evaluation = judged("double(x) = x < 4 ? 2x : double(x + 1)")
    assert counts(evaluation) == (3, 2)
    assert "StackOverflowError" in evaluation.detail


def test_many_answers_come_back_under_their_own_numbers(double, by):
    codes = ["double(x) = 2x", "double(x) = x", "double(x) = (", "double(x) = 2x  # again"]
    work = [(f"```julia\n{code}\n```", double) for code in codes]
    found = dict(judge_many([*work, ("prose", double)], by, jobs=2))
    assert [found[index].score for index in range(5)] == [100, 75, 0, 100, 0]


def test_variants_are_judged_as_kindly_as_their_plain_forms(double, by):
    """Also answers whose second block is a usage example: the name that they define is not the variant's own."""
    renamed = Variant(
        name="double_renamed", kind="renamed", prompt="Write a function `twice(x)`.", examples=["twice(1)"],
        unit_tests=["@test twice(2) == 4"], reference_solution="twice(x) = 2x",
    )  # fmt: skip
    paraphrase = Variant(name="double_paraphrase", kind="paraphrase", prompt="Double `x`, please.")
    case = double.model_copy(
        update={"variants": [paraphrase, renamed], "reference_solution": "double(x) = 2x"}
    )
    plain = "```julia\ndouble(x) = 2x\n```\n```julia\ndouble(my_number)\n```"
    work = [(plain.replace("double", form.asked_for), form) for form in (case, *case.variant_cases())]
    found = dict(judge_many(work, by))
    assert [found[index].score for index in range(3)] == [100, 100, 100]
    assert found[0] is found[1], "a paraphrase's unit tests are the plain form's"


def test_identical_answers_are_judged_once_but_all_are_answered(double, by):
    other = double.model_copy(update={"name": "other"})
    right = "```julia\ndouble(x) = 2x\n```"
    found = dict(
        judge_many([(right, double), ("prose", double), (right, other), (right, double)], by, jobs=2)
    )
    assert sorted(found) == [0, 1, 2, 3]
    assert found[0] is found[3]
    assert found[0] is not found[2], "another test case asks something else"


def test_nothing_to_judge_is_no_error(by):
    assert list(judge_many([], by)) == []


@pytest.mark.parametrize("program", ["/bin/false", "/bin/true", "/bin/cat", "/nonexistent/julia"])
def test_a_julia_that_does_not_start_is_the_judges_failure(double, by, program):
    broken = replace(by, julia=replace(by.julia, executable=Path(program)))
    with pytest.raises(HarnessError, match=f"double: Julia at {program} does not start"):
        judge("```julia\ndouble(x) = 2x\n```", double, by=broken)
    with pytest.raises(HarnessError):
        list(judge_many([("```julia\ndouble(x) = 2x\n```", double)], broken))


def test_the_judge_says_what_it_is(by):
    described = by.description
    assert described["julia"] == by.julia.version
    assert described["sandbox"] == "bubblewrap"
    assert replace(by, bubblewrap=None).description["sandbox"] == "none"
    assert replace(by, limits=Limits(seconds=2.5)).description["timeout"] == "2.5"
