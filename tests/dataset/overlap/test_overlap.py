"""Overlap: what shows a test case that must stay unseen, and what is ordinary Julia."""

import json
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.dataset import Row
from slingshot.dataset.overlap.report import (
    OverlapLimits,
    Target,
    measure_overlap,
    rows_without_overlap,
    targets_of_suite,
)
from slingshot.dataset.overlap.telling import defined_names, telling_parts, words
from slingshot.suite import TestCase, as_answer

PROMPT = "Write a function `stack_up` that counts how many boxes of each colour lie on top of one another."
CODE = """
function stack_up(boxes)
    heights = Dict{String,Int}()
    for box in boxes
        heights[box.colour] = get(heights, box.colour, 0) + 1  # one more
    end
    return sort(collect(heights); by = last, rev = true)
end
"""
UNIT_TEST = '@test stack_up([Box("red"), Box("red"), Box("blue")]) == ["red" => 2, "blue" => 1]'
TARGET = Target("stack_up", Path("stack_up/definition.toml"), [PROMPT], [CODE], [UNIT_TEST], ["stack_up([])"])
OTHER = as_answer("shrink(x) = x / 2")
FILE = Path("train.jsonl")


def row(question="Halve a number.", answer=OTHER, test_case=""):
    return Row([{"role": "user", "content": question}, {"role": "assistant", "content": answer}], test_case)


def found(*rows, targets=(TARGET,), **options):
    report = measure_overlap(rows, FILE, targets, **options)
    return [(finding.kind, finding.row) for finding in report.findings]


def test_other_work_shows_nothing():
    report = measure_overlap([row()], FILE, [TARGET])
    assert report.findings == []
    assert set(report.summary[0]["largest"].values()) == {0}


@pytest.mark.parametrize(
    "text",
    [
        f"Please: {PROMPT}",
        PROMPT.upper().replace("`", '"'),
        "# Task\n\n" + PROMPT.replace(" ", "\n") + "\n\n# Data\n",
        PROMPT.replace("boxes", "crates").replace("Write", "Please write"),
    ],
)
def test_the_question_in_other_dress_is_found_in_question_and_answer(text):
    assert found(row(question=text)) == [("prompt", 1)]
    assert found(row(answer=f"You asked me: {text}\n\n{OTHER}")) == [("prompt", 1)]


def test_a_solution_is_found_whatever_its_comments_layout_fence_and_function_name_are():
    renamed = CODE.replace("stack_up", "count_all").replace("  # one more", "").replace("    ", "\t")
    for text in (f"```\n{renamed}```", f"~~~python\n{renamed}~~~", f"Here:\n{renamed}"):
        assert {kind for kind, _ in found(row(answer=text))} == {"code", "run"}
        assert {kind for kind, _ in found(row(question=text))} == {"code", "run"}


def test_part_of_a_long_solution_is_found_by_the_longest_run():
    part = "\n".join(CODE.splitlines()[2:5])
    longer = CODE + "".join(f"helper_{i}(x) = x + {i}\n" for i in range(40))
    report = measure_overlap([row(answer=as_answer(part))], FILE, [Target("t", FILE, code=["x", longer])])
    (finding,) = report.findings
    assert (finding.kind, finding.value) == ("run", 33)
    assert finding.text.startswith("heights = Dict { String , Int } ( ) for box in boxes")
    assert report.summary[0]["largest"]["ngrams"] == 33 - 13 + 1


def test_a_unit_test_is_found_by_its_call_in_code_comments_and_prose():
    call = 'stack_up([ Box("red"), Box("red"),\n Box("blue") ])'
    assert found(row(question=f"What is `{call}`?")) == [("unit-test", 1)]
    assert found(row(answer=as_answer(f"println({call})"))) == [("unit-test", 1)]
    assert found(row(answer=as_answer(f"# try {call.replace(chr(10), '')}"))) == [("unit-test", 1)]
    assert found(row(answer=as_answer('stack_up([Box("green")])'))) == []


def test_an_example_is_found_too():
    assert found(row(question="Once it is loaded, stack_up([]) must run.")) == [("example", 1)]


def test_rows_of_the_same_test_case_are_learned_from_unless_it_is_held_out():
    own = row(question=PROMPT, answer=as_answer(CODE), test_case="stack_up")
    assert found(own) == []
    assert found(row(), own, held_out=["stack_up"]) == [("held-out-row", 2)]
    assert found(row(), own, targets=[], held_out=["stack_up"]) == [("held-out-row", 2)]


def test_the_worst_comes_first_and_rows_without_findings_remain():
    rows = [
        row(question=PROMPT),
        row(),
        row(answer=f"stack_up([]) or {UNIT_TEST}"),
        row(test_case="stack_up"),
        row(question="Twice as much."),
    ]
    report = measure_overlap(rows, FILE, [TARGET], held_out=["stack_up"])
    kinds = [(finding.kind, finding.row, finding.target) for finding in report.findings]
    assert kinds == [
        ("held-out-row", 4, "stack_up"),
        ("unit-test", 3, "stack_up"),
        ("prompt", 1, "stack_up"),
        ("example", 3, "stack_up"),
    ]
    assert rows_without_overlap(rows, report) == [rows[1], rows[4]]
    (summary,) = report.summary
    assert summary["rows"] == {
        "held-out-row": 1, "unit-test": 1, "prompt": 1, "code": 0, "run": 0, "example": 1, "ngrams": 0
    }  # fmt: skip
    assert json.loads(json.dumps(report.to_json()))["targets"] == [summary]


def test_limits_decide_what_is_a_finding():
    half = row(question=" ".join(PROMPT.split()[:9]))
    (target,) = measure_overlap([half], FILE, [TARGET]).summary
    share = target["largest"]["prompt"]
    assert 0.3 < share < 0.6
    assert found(half) == [("prompt", 1)]
    assert found(half, limits=OverlapLimits(prompt=share + 0.01)) == []


def test_phrases_that_many_questions_share_are_their_form():
    form = "Please act as an expert in the Julia language and answer this question with one block of code:"
    targets = [Target(f"t{i}", FILE, [f"{form} task {i} of a kind, number {i}"]) for i in range(4)]
    assert found(row(question=f"{form} halve it."), targets=targets) == []
    assert found(row(question=f"{form} task 2 of a kind, number 2"), targets=targets) == [("prompt", 1)]


@pytest.mark.parametrize(
    ("piece", "told_by"),
    [
        ("@test stack_up(xs) == ys", []),
        ("@test stack_up() == 1", []),
        ("@test f(2) == 4 # twice", ["f ( 2 ) == 4"]),
        ("f(2)", []),
        ("@test stack_up(12, :a) == 3", ["stack_up ( 12 , : a )"]),
        ("@test stack_up.([1, 2]) == 3", ["stack_up . ( [ 1 , 2 ] )"]),
        ('x = "only a short text"\n@test stack_up(x)', []),
        (
            'x = """\nA text of some length,\nsaid in eight words.\n"""\nstack_up(x)',
            ["a text of some length said in eight words"],
        ),
        ("y = sum(zs)\nw = y + 1\n@test stack_up(w) == w", ["y = sum ( zs ) w = y + 1 @ test stack_up ( w ) == w"]),
    ],
)  # fmt: skip
def test_what_is_easily_written_twice_is_not_telling(piece, told_by):
    assert [" ".join(run) for _, run in telling_parts(piece, {"stack_up", "f"})] == told_by


def test_long_texts_of_unit_tests_are_found_however_they_are_quoted():
    test = 'text = """\n# Question\nWhat lies on top of the red box?\n"""\n@test answer_of(text) == ""'
    target = Target("answer_of", FILE, unit_tests=[test])
    quoted = 'ask("# Question\\nWhat lies on top of the red box?")'
    assert found(row(answer=as_answer(quoted)), targets=[target]) == [("unit-test", 1)]


def test_names_are_those_of_functions_types_and_macros():
    code = "struct A{T} end\nfunction Base.show(io, a)\nend\nf(x; k=1) = x\ng(x) == 2\nh(x) >= 2\nmacro m(e)\nend\nh!(x)::Int = 2"
    assert defined_names(code) == {"A", "show", "f", "m", "h!"}


@given(st.text(max_size=200), st.text(max_size=80))
@settings(deadline=None, max_examples=100)
def test_any_text_can_be_measured_and_holds_itself(text, more):
    target = Target("t", FILE, [text], [text], [text], [text])
    report = measure_overlap([row(question=text + "\n" + more, answer=text)], FILE, [target])
    assert report.rows == 1
    if len(words(text)) > 12:
        assert report.summary[0]["largest"]["prompt"] == 1


@pytest.mark.parametrize("part", ["#=\n", '"""', "stack_up(", "```\n", "# x\n", "stack_up([1]) ", '"'])
def test_a_hostile_answer_takes_no_time(part):
    start = time.process_time()
    measure_overlap([row(answer=part * 30_000)], FILE, [TARGET])
    assert time.process_time() - start < 2


def test_a_suite_gives_prompts_of_variants_all_solutions_and_code_of_answers(tmp_path):
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "other.jl").write_text("twice(x) = x + x")
    case = TestCase(
        name="twice", prompt="Double x.", examples=["twice(1)"], unit_tests=["@test twice(2) == 4"],
        reference_solution="twice(x) = 2x", folder=tmp_path,
        variants=[{"name": "twice_paraphrase", "kind": "paraphrase", "prompt": "Two times x."}],
    )  # fmt: skip
    (target,) = targets_of_suite([case], {"twice": ["So:\n```julia\ntwice(x) = x * 2\n```"]})
    assert target.place == tmp_path / "definition.toml"
    assert target.prompts == ["Double x.", "Two times x."]
    assert target.code == ["twice(x) = 2x", "twice(x) = x + x", "twice(x) = x * 2"]


def test_no_recorded_answer_shows_another_test_case_of_either_suite(leaderboard, suite):
    from slingshot.recordings.load import load_recordings
    from slingshot.suite import load_suite

    frame = load_recordings(leaderboard).filter(pl.col("score") == 100)
    rows = [row(*said) for said in frame.select("prompt", "answer", "test_case").unique().iter_rows()]
    targets = targets_of_suite([*load_suite(leaderboard), *suite])
    start = time.process_time()
    report = measure_overlap(rows, FILE, targets)
    assert time.process_time() - start < 20
    assert len(rows) > 700
    assert len(targets) == 14 + 60
    assert report.findings == []
    # The same rows without a name show the questions they were asked.
    unnamed = [Row(each.messages) for each in rows[:100]]
    assert {finding.row for finding in measure_overlap(unnamed, FILE, targets).findings} == set(range(1, 101))
