"""Which recordings qualify, and that what is broken is named."""

import json
import shutil

import pytest

from chosen import answers, build, program
from recorded import record
from slingshot.dataset import Given, build_dataset
from slingshot.dataset.selecting.candidates import LONGEST_ANSWER
from slingshot.errors import RequestError, SlingshotError
from slingshot.judge import Evaluation
from slingshot.recordings.load import load_recordings

FAILED = Evaluation(True, True, 2, 4, 2, 2, "tests_failed")
UNAVAILABLE = Evaluation(False, False, 0, 4, 0, 2, "unavailable")


def chosen(tmp_path, **selection):
    return sorted(answers(build(tmp_path / "recordings", tmp_path / "out", **selection).rows))


def test_only_full_scores_are_kept_unless_less_is_asked_for(tmp_path):
    record(tmp_path / "recordings", program(2))
    record(tmp_path / "recordings", program(3), FAILED, index=1)
    record(tmp_path / "recordings", program(4), UNAVAILABLE, index=2)
    assert chosen(tmp_path) == [program(2)]
    assert chosen(tmp_path, minimum_score=87.5) == [program(2), program(3)]
    assert chosen(tmp_path, minimum_score=87.6) == [program(2)]


def test_an_answer_that_was_cut_off_is_left_out_unless_wanted(tmp_path):
    for number, reason in enumerate(["length", None, "stop", "max_tokens"]):
        record(tmp_path / "recordings", program(number), finish_reason=reason, index=number)
    assert chosen(tmp_path) == [program(1), program(2)]
    assert len(chosen(tmp_path, cut_off="keep")) == 4
    assert len(chosen(tmp_path, strategy="original")) == 4
    assert len(chosen(tmp_path, strategy="original", cut_off="drop")) == 2


def test_models_labels_and_terms_are_allowed_or_excluded(tmp_path):
    for number, model in enumerate(["gpt-4-1106-preview", "mixtral:8x7b", "nobody-knows"]):
        record(tmp_path / "recordings", program(number), model=model, label=f"L{number}", index=number)
    assert chosen(tmp_path, models=["nobody-knows"]) == [program(2)]
    assert chosen(tmp_path, exclude_models=["nobody-knows"]) == [program(0), program(1)]
    assert chosen(tmp_path, prompt_labels=["L1", "L2"]) == [program(1), program(2)]
    assert chosen(tmp_path, licences=["unknown"]) == [program(2)]
    assert program(0) not in chosen(tmp_path, licences=["allowed", "unknown"])


@pytest.mark.parametrize("key", ["models", "exclude_models", "prefer_models", "prompt_labels"])
def test_a_name_that_no_recording_has_is_refused(tmp_path, key):
    record(tmp_path / "recordings", program(2), model="gpt-4", label="InJulia")
    with pytest.raises(
        RequestError, match=rf"--{key.replace('_', '-')}: no recordings of \w+.*; (did|there)"
    ):
        chosen(tmp_path, **{key: ["gtp"]})


def test_answers_may_be_too_short_or_too_long(tmp_path):
    record(tmp_path / "recordings", program(2))  # 12 tokens
    with pytest.raises(SlingshotError, match="at least 13 tokens 0"):
        chosen(tmp_path, min_tokens=13)
    with pytest.raises(SlingshotError, match="at most 11 tokens 0"):
        chosen(tmp_path, max_tokens=11)
    assert chosen(tmp_path, min_tokens=12, max_tokens=12) == [program(2)]


def test_copies_are_dropped_as_loosely_as_asked_for(tmp_path):
    long = "\n".join(f"    s += x[{n}] * {n}" for n in range(30))
    nearly = [f"```julia\nfunction f(x)\n    s = {n}\n{long}\nend\n```" for n in range(2)]
    spaced = "```julia\ndouble(x)  =  2x  # doubles\n```"
    for number, answer in enumerate([program(2), program(2), spaced, *nearly]):
        record(tmp_path / "recordings", answer, index=number)
    assert len(chosen(tmp_path, duplicates="keep")) == 5
    assert len(chosen(tmp_path, duplicates="exact")) == 4
    assert len(chosen(tmp_path, duplicates="code")) == 3
    assert len(chosen(tmp_path, duplicates="near")) == len(chosen(tmp_path)) == 2
    assert len(chosen(tmp_path, duplicates="near", near=0.999)) == 3


def test_of_copies_the_first_in_the_strategys_order_stays(tmp_path):
    record(tmp_path / "recordings", "Here:\n" + program(2))
    record(tmp_path / "recordings", program(2), index=1)
    record(tmp_path / "recordings", "Here it is:\n" + program(2), model="best", index=2)
    assert chosen(tmp_path) == [program(2)]
    assert chosen(tmp_path, prefer_models=["best"]) == ["Here it is:\n" + program(2)]


def test_one_program_may_answer_two_test_cases(tmp_path):
    record(tmp_path / "recordings", program(2), name="double")
    record(tmp_path / "recordings", program(2), name="twice")
    assert len(chosen(tmp_path)) == 2


def edited(path, change):
    messages = json.loads(path.read_text())
    change(messages)
    path.write_text(json.dumps(messages))
    return path


def without_question(messages):
    del messages[1]


def in_another_role(messages):
    messages[1]["_type"] = "toolmessage"


def with_empty_question(messages):
    messages[1]["content"] = " "


def with_two_questions(messages):
    messages.insert(1, messages[1])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_question, "message 2, aimessage, stands where usermessage was expected"),
        (in_another_role, "message 2 has the unknown role 'toolmessage'"),
        (with_empty_question, "message 2, usermessage, is empty"),
        (with_two_questions, "message 3, usermessage, stands where aimessage was expected"),
    ],
)
def test_a_recording_with_wrong_roles_is_named_and_left_out(tmp_path, change, said):
    path = edited(record(tmp_path / "recordings", program(2)), change)
    record(tmp_path / "recordings", program(3), index=1)
    built = build(tmp_path / "recordings", tmp_path / "out")
    assert answers(built.rows) == [program(3)]
    assert [problem.sentence for problem in built.problems] == [
        f"{path}: {said}; mend or remove the recording"
    ]
    assert built.card["sources"]["broken"] == 1
    assert built.card["counts"]["not broken"] == 1


def test_an_empty_answer_and_a_huge_one_are_named(tmp_path):
    record(tmp_path / "recordings", "\n")
    record(tmp_path / "recordings", "a" * (LONGEST_ANSWER + 1), index=1)
    record(tmp_path / "recordings", program(3), index=2)
    built = build(tmp_path / "recordings", tmp_path / "out", strategy="original")
    assert answers(built.rows) == [program(3)]
    said = " ".join(problem.sentence for problem in built.problems)
    assert "aimessage, is empty" in said
    assert "an answer of 1,000,001 characters, more than 1,000,000; remove it" in said


def test_a_recording_that_lies_there_twice_is_named(tmp_path):
    record(tmp_path / "recordings" / "a", program(2))
    shutil.copytree(tmp_path / "recordings" / "a", tmp_path / "recordings" / "b")
    built = build(tmp_path / "recordings", tmp_path / "out", strategy="original")
    assert len(built.rows) == 1
    (problem,) = built.problems
    assert "/b/" in problem.sentence
    assert "the same recording as" in problem.sentence


def test_strict_allows_no_broken_recording(tmp_path):
    path = edited(record(tmp_path / "recordings", program(2)), in_another_role)
    record(tmp_path / "recordings", program(3), index=1)
    frame = load_recordings(tmp_path / "recordings")
    with pytest.raises(SlingshotError, match=f"{path}: message 2 has the unknown role"):
        build_dataset(frame, tmp_path / "out", given=Given(strict=True))
