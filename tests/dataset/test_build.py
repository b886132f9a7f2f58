"""Which recordings become training rows, and what the card says about it."""

import json
import os
import random
import tempfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorded import PASSED, record
from slingshot.dataset import Selection, build_dataset, read_rows
from slingshot.errors import SlingshotError
from slingshot.files import sha256_of_file
from slingshot.judge import Evaluation
from slingshot.recordings.load import load_recordings

FAILED = Evaluation(True, True, 2, 4, 2, 2, "tests_failed")
UNAVAILABLE = Evaluation(False, False, 0, 4, 0, 2, "unavailable")


def program(number: int, padding: int = 0) -> str:
    return f"```julia\ndouble(x) = {number}x{' ' * padding}\n```"


def build(recordings: Path, out: Path, **selection):
    return build_dataset(load_recordings(recordings), recordings, Selection(**selection), out)


def answers(rows):
    return [row.answer for row in rows]


def test_a_row_is_the_conversation_and_where_it_comes_from(tmp_path):
    record(tmp_path / "recordings", program(2), model="org/m:7b")
    (row,) = build(tmp_path / "recordings", tmp_path)
    assert row.messages == [
        {"role": "system", "content": "Be helpful."},
        {"role": "user", "content": "In Julia, double."},
        {"role": "assistant", "content": program(2)},
    ]
    assert (row.test_case, row.prompt_label, row.source) == ("double", "InJulia", "org/m:7b")
    assert read_rows(tmp_path / "train.jsonl") == [row]


def test_only_full_scores_are_kept_unless_less_is_asked_for(tmp_path):
    record(tmp_path / "recordings", program(2))
    record(tmp_path / "recordings", program(3), FAILED, index=1)
    record(tmp_path / "recordings", program(4), UNAVAILABLE, index=2)
    assert answers(build(tmp_path / "recordings", tmp_path)) == [program(2)]
    assert answers(build(tmp_path / "recordings", tmp_path, minimum_score=87.5)) == [program(2), program(3)]
    assert answers(build(tmp_path / "recordings", tmp_path, minimum_score=87.6)) == [program(2)]


def test_a_held_out_test_case_is_left_out(tmp_path):
    record(tmp_path / "recordings", program(2), name="double")
    record(tmp_path / "recordings", program(3), name="triple")
    rows = build(tmp_path / "recordings", tmp_path, hold_out=["triple"])
    assert [row.test_case for row in rows] == ["double"]
    assert "triple" not in (tmp_path / "train.jsonl").read_text()


def test_an_answer_that_was_cut_off_is_left_out(tmp_path):
    record(tmp_path / "recordings", program(2), finish_reason="length")
    record(tmp_path / "recordings", program(3), finish_reason=None)
    record(tmp_path / "recordings", program(4), finish_reason="stop")
    assert answers(build(tmp_path / "recordings", tmp_path)) == [program(3), program(4)]


def test_of_programs_that_differ_in_layout_only_the_shortest_answer_stays(tmp_path):
    record(tmp_path / "recordings", "Here:\n" + program(2))
    record(tmp_path / "recordings", program(2), index=1)
    record(tmp_path / "recordings", "```julia\ndouble(x)  =  2x  # doubles\n```", index=2)
    record(tmp_path / "recordings", program(3), index=3)
    assert answers(build(tmp_path / "recordings", tmp_path)) == [program(2), program(3)]


def test_one_program_may_answer_two_test_cases(tmp_path):
    record(tmp_path / "recordings", program(2), name="double")
    record(tmp_path / "recordings", program(2), name="twice")
    assert len(build(tmp_path / "recordings", tmp_path)) == 2


def test_rows_are_taken_in_turns_over_the_labels_shorter_answers_first(tmp_path):
    for number in range(10, 16):
        record(tmp_path / "recordings", program(number, padding=number), label="AsIs", index=number)
    for number in (20, 21):
        record(tmp_path / "recordings", program(number, padding=40 - number), label="InJulia", index=number)
    rows = build(tmp_path / "recordings", tmp_path, per_task=5)
    assert [(row.prompt_label, row.answer) for row in rows] == [
        ("AsIs", program(10, padding=10)),
        ("InJulia", program(21, padding=19)),
        ("AsIs", program(11, padding=11)),
        ("InJulia", program(20, padding=20)),
        ("AsIs", program(12, padding=12)),
    ]


def test_no_test_case_gets_more_rows_than_asked_for(tmp_path):
    for name, count in (("double", 6), ("triple", 2)):
        for number in range(count):
            record(tmp_path / "recordings", program(number), name=name, index=number)
    rows = build(tmp_path / "recordings", tmp_path, per_task=3)
    assert Counter(row.test_case for row in rows) == {"double": 3, "triple": 2}
    assert [row.test_case for row in rows] == sorted(row.test_case for row in rows)


def test_the_same_recordings_give_the_same_bytes_in_whatever_order_they_were_made(tmp_path):
    made = [
        (program(number % 7), model, name, label, index)
        for number, (model, name, label, index) in enumerate(
            (model, name, label, index)
            for model in ("a", "b")
            for name in ("double", "triple")
            for label in ("AsIs", "InJulia")
            for index in range(3)
        )
    ]
    written = []
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        random.Random(attempt).shuffle(made)
        for number, (answer, model, name, label, index) in enumerate(made):
            path = record(folder / "recordings", answer, model=model, name=name, label=label, index=index)
            os.utime(path, (number, number))
        frame = load_recordings(folder / "recordings").sample(fraction=1, shuffle=True, seed=attempt)
        build_dataset(frame, folder / "recordings", Selection(per_task=4), folder)
        written.append(((folder / "train.jsonl").read_bytes(), (folder / "dataset.json").read_bytes()))
    assert written[0] == written[1] == written[2]


def test_the_card_tells_what_every_filter_left(tmp_path):
    recordings = tmp_path / "recordings"
    for number in range(4):
        record(recordings, program(number), index=number)
    record(recordings, program(1, padding=3), index=4)
    record(recordings, program(9), FAILED, index=5)
    record(recordings, program(8), finish_reason="length", index=6)
    record(recordings, program(1), name="held", index=7)
    record(recordings, "waiting", None, index=8)
    rows = build(recordings, tmp_path, hold_out=["held"], per_task=3)
    card = json.loads((tmp_path / "dataset.json").read_text())
    assert card["rows"] == len(rows) == 3
    assert card["distinct_prompts"] == 1
    assert card["train_sha256"] == sha256_of_file(tmp_path / "train.jsonl")
    assert card["sources"]["conversations"] == 9
    assert len(card["sources"]["sha256"]) == 64
    assert card["selection"] == {"hold_out": ["held"], "per_task": 3, "minimum_score": 100.0}
    assert card["counts"] == {
        "recordings": 8,
        "not held out": 7,
        "score at least 100": 6,
        "not cut off": 5,
        "distinct code": 4,
        "chosen": 3,
    }
    assert card["rows_per_test_case"] == {"double": 3}
    assert card["slingshot"]


def test_the_card_changes_with_any_source(tmp_path):
    record(tmp_path / "recordings", program(2))
    build(tmp_path / "recordings", tmp_path / "before")
    record(tmp_path / "recordings", "an answer that nobody chooses", FAILED, index=1)
    build(tmp_path / "recordings", tmp_path / "after")
    before, after = (
        json.loads((tmp_path / name / "dataset.json").read_text()) for name in ("before", "after")
    )
    assert before["train_sha256"] == after["train_sha256"]
    assert before["sources"]["sha256"] != after["sources"]["sha256"]


@pytest.mark.parametrize("evaluation", [None, FAILED, UNAVAILABLE])
def test_when_nothing_qualifies_the_error_says_which_filter_took_what(tmp_path, evaluation):
    record(tmp_path / "recordings", program(2), evaluation)
    with pytest.raises(SlingshotError) as caught:
        build(tmp_path / "recordings", tmp_path)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'recordings'}: no recording qualifies")
    assert f"'recordings': {0 if evaluation is None else 1}" in said
    assert "'chosen': 0" in said
    assert not (tmp_path / "train.jsonl").exists()


NAMES = ["double", "triple", "halve", "square"]


@given(
    made=st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.sampled_from(["AsIs", "InJulia"]),
            st.integers(0, 5),
            st.sampled_from([PASSED, FAILED]),
        ),
        min_size=1,
        max_size=12,
    ),
    held_out=st.sets(st.sampled_from(NAMES)),
    per_task=st.integers(1, 4),
)
@settings(deadline=None, max_examples=25)
def test_nothing_of_a_held_out_test_case_ever_enters(made, held_out, per_task):
    with tempfile.TemporaryDirectory() as place:
        folder, out = Path(place) / "recordings", Path(place) / "out"
        for index, (name, label, number, evaluation) in enumerate(made):
            answer = f"```julia\n{name}(x) = {number}x\n```"
            record(folder, answer, evaluation, name=name, label=label, index=index)
        qualified = {
            (name, number)
            for name, _, number, evaluation in made
            if evaluation is PASSED and name not in held_out
        }
        try:
            rows = build(folder, out, hold_out=sorted(held_out), per_task=per_task)
        except SlingshotError:
            assert not qualified
            return
        text = (out / "train.jsonl").read_text()
        assert not any(f"{name}(x)" in text for name in held_out)
        per_name = Counter(row.test_case for row in rows)
        distinct = Counter(name for name, _ in qualified)
        assert per_name == {name: min(per_task, count) for name, count in distinct.items()}
        assert len({(row.test_case, row.answer) for row in rows}) == len(rows)
        assert read_rows(out / "train.jsonl") == rows


def test_a_frame_may_be_filtered_before(tmp_path):
    record(tmp_path / "recordings", program(2), model="a")
    record(tmp_path / "recordings", program(3), model="b")
    frame = load_recordings(tmp_path / "recordings").filter(pl.col("model") == "b")
    rows = build_dataset(frame, tmp_path / "recordings", Selection(), tmp_path)
    assert answers(rows) == [program(3)]
