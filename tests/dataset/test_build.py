"""From recordings to a dataset: its files, its card, and that the same gives the same."""

import json
import os
import random
import shutil

import pytest

from chosen import answers, build, program
from recorded import PASSED, doubling, record
from slingshot.dataset import Given, Selection, build_dataset, read_rows
from slingshot.errors import SlingshotError
from slingshot.files import sha256_of_file
from slingshot.judge import Evaluation
from slingshot.recordings.load import load_recordings

FAILED = Evaluation(True, True, 2, 4, 2, 2, "tests_failed")
UNAVAILABLE = Evaluation(False, False, 0, 4, 0, 2, "unavailable")


def test_a_row_is_the_conversation_and_where_it_comes_from(tmp_path):
    record(tmp_path / "recordings", program(2), model="org/gpt-4-1106-preview")
    (row,) = build(tmp_path / "recordings", tmp_path).rows
    assert row.messages == [
        {"role": "system", "content": "Be helpful."},
        {"role": "user", "content": "In Julia, double."},
        {"role": "assistant", "content": program(2)},
    ]
    assert (row.test_case, row.prompt_label, row.source) == ("double", "InJulia", "org/gpt-4-1106-preview")
    assert "OpenAI" in row.licence
    assert read_rows(tmp_path / "train.jsonl") == [row]


def test_a_row_names_its_test_case_wherever_the_recording_lies(tmp_path):
    record(tmp_path / "recordings" / "category", program(2), name="double")
    (row,) = build(tmp_path / "recordings", tmp_path).rows
    assert row.test_case == "double"


def test_rows_are_grouped_by_test_case_and_no_more_than_asked_for(tmp_path):
    for name, count in (("triple", 6), ("double", 2)):
        for number in range(count):
            record(tmp_path / "recordings", program(number), name=name, index=number)
    built = build(tmp_path / "recordings", tmp_path, per_task=3)
    assert [row.test_case for row in built.rows] == ["double", "double", "triple", "triple", "triple"]
    assert built.card["rows_per_test_case"] == {"double": 2, "triple": 3}


@pytest.mark.parametrize("strategy", ["shortest", "original"])
def test_no_prompt_label_takes_more_rows_than_it_may(tmp_path, strategy):
    for number in range(8):
        label = "AsIs" if number < 6 else "InJulia"
        record(tmp_path / "recordings", program(number, padding=number), label=label, index=number)
    rows = build(tmp_path / "recordings", tmp_path, per_task=6, per_prompt=2, strategy=strategy).rows
    assert [row.prompt_label for row in rows] == ["AsIs", "AsIs", "InJulia", "InJulia"]
    assert [row.answer for row in rows] == [program(number, padding=number) for number in (0, 1, 6, 7)]


@pytest.mark.parametrize("mark", ["<|im_end|>", "<|eot_id|>", "</s>", "<end_of_turn>", "[/INST]"])
def test_answers_with_marks_of_a_chat_template_are_left_out_unless_they_are_wanted(tmp_path, mark):
    record(tmp_path / "recordings", program(2))
    record(tmp_path / "recordings", program(3) + mark, index=1)
    assert [row.answer for row in build(tmp_path / "recordings", tmp_path).rows] == [program(2)]
    kept = build(tmp_path / "recordings", tmp_path, chat_marks="keep")
    assert len(kept.rows) == len(build(tmp_path / "recordings", tmp_path, strategy="original").rows) == 2


def test_operators_of_julia_are_no_marks_of_a_chat_template(tmp_path):
    answer = "```julia\ndouble(x) = x |> sum <| 2 |> f; a <|> b\n```"
    record(tmp_path / "recordings", answer)
    assert [row.answer for row in build(tmp_path / "recordings", tmp_path).rows] == [answer]


@pytest.mark.parametrize("strategy", ["shortest", "diverse"])
def test_the_same_recordings_give_the_same_bytes_in_whatever_order_they_were_made(tmp_path, strategy):
    made = [
        (program(number % 7 + (10 if name == "triple" else 0)), model, name, label, index)
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
        recordings, out = tmp_path / "recordings", tmp_path / str(attempt)
        shutil.rmtree(recordings, ignore_errors=True)
        random.Random(attempt).shuffle(made)
        for number, (answer, model, name, label, index) in enumerate(made):
            path = record(recordings, answer, model=model, name=name, label=label, index=index)
            os.utime(path, (number, number))
        frame = load_recordings(recordings).sample(fraction=1, shuffle=True, seed=attempt)
        given = Given(folders=[recordings])
        build_dataset(frame, out, Selection(strategy=strategy, per_task=4), ["triple"], given)
        names = ("train.jsonl", "held_out.jsonl", "dataset.json", "overlap.json")
        written.append([(out / name).read_bytes().replace(str(out).encode(), b"") for name in names])
    assert written[0] == written[1] == written[2]


def test_the_card_tells_what_every_filter_left(tmp_path):
    recordings = tmp_path / "recordings"
    for number in range(4):
        record(recordings, program(number), index=number)
    record(recordings, program(1, padding=3), index=4)
    record(recordings, program(9), FAILED, index=5)
    record(recordings, program(8), finish_reason="length", index=6)
    record(recordings, program(11), name="held", index=7)
    record(recordings, program(12), UNAVAILABLE, index=8)
    record(recordings, "no code", index=9)
    record(recordings, program(13), strategy="1CODEFIXER", index=10)
    built = build(recordings, tmp_path, ["held"], per_task=3)
    card = json.loads((tmp_path / "dataset.json").read_text())
    assert card == built.card
    assert card["rows"] == len(built.rows) == 3
    assert (card["distinct_prompts"], card["distinct_code"]) == (1, 3)
    assert card["train_sha256"] == sha256_of_file(tmp_path / "train.jsonl")
    assert card["sources"]["recordings"] == 11
    assert card["selection"]["hold_out"] == ["held"]
    assert card["selection"]["per_task"] == 3
    assert card["counts"] == {
        "recordings": 11,
        "single questions": 10,
        "not cut off": 9,
        "without chat marks": 9,
        "could be judged": 8,
        "score at least 100": 7,
        "not broken": 7,
        "with code": 6,
        "distinct answers": 6,
        "distinct code": 5,
        "no near-duplicates": 5,
        "to train on": 4,
        "in no other split": 4,
        "chosen": 3,
    }
    assert card["tokens"]["recorded"]["answer"] == {
        "total": 36,
        "min": 12,
        "median": 12.0,
        "p95": 12.0,
        "max": 12,
    }
    assert card["terms_on_training"] == {"unknown": 4}
    readme = (tmp_path / "README.md").read_text()
    assert "| distinct code | 5 |" in readme
    assert "Held out: held." in readme


def test_every_row_can_be_traced_to_its_recording(tmp_path):
    paths = [record(tmp_path / "recordings", program(number), index=number) for number in (2, 3)]
    built = build(tmp_path / "recordings", tmp_path)
    sources = [json.loads(line) for line in (tmp_path / "sources.jsonl").read_text().splitlines()]
    assert {source["conversation"] for source in sources} == {str(path) for path in paths}
    for source, row in zip(sources, built.rows, strict=True):
        assert (source["file"], source["row"]) == ("train.jsonl", built.rows.index(row) + 1)
        assert json.dumps(row.answer) in open(source["conversation"]).read()  # noqa: SIM115, PTH123
        assert source["sha256"] == sha256_of_file(tmp_path / source["conversation"])


def test_the_card_changes_with_any_source(tmp_path):
    record(tmp_path / "recordings", program(2))
    before = build(tmp_path / "recordings", tmp_path / "before").card
    record(tmp_path / "recordings", "an answer that nobody chooses", FAILED, index=1)
    after = build(tmp_path / "recordings", tmp_path / "after").card
    assert before["train_sha256"] == after["train_sha256"]
    assert before["sources"]["sha256"] != after["sources"]["sha256"]


@pytest.mark.parametrize("evaluation", [FAILED, UNAVAILABLE])
def test_when_nothing_qualifies_the_error_says_which_filter_took_what(tmp_path, evaluation):
    record(tmp_path / "recordings", program(2), evaluation)
    with pytest.raises(SlingshotError) as caught:
        build(tmp_path / "recordings", tmp_path)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'recordings'}: no recording qualifies")
    assert "recordings 1" in said
    assert said.endswith("chosen 0")
    assert not (tmp_path / "train.jsonl").exists()


def test_overlap_with_held_out_test_cases_is_listed_and_can_be_dropped(tmp_path):
    leaking = "```julia\ndouble(x) = 2x\n# @test triple([3, 4, 5]) == [9, 12, 15]\n```"
    record(tmp_path / "recordings", leaking)
    record(tmp_path / "recordings", program(3), index=1)
    frame = load_recordings(tmp_path / "recordings")
    held_out = doubling("triple").model_copy(
        update={"unit_tests": ["@test triple([3, 4, 5]) == [9, 12, 15]"]}
    )
    given = Given(suite=[held_out])
    built = build_dataset(frame, tmp_path / "out", None, ["triple"], given)
    report = json.loads((tmp_path / "out" / "overlap.json").read_text())
    (finding,) = report["findings"]
    assert (finding["kind"], finding["target"]) == ("unit-test", "triple")
    assert finding["file"] == str(tmp_path / "out" / "train.jsonl")
    assert built.rows[finding["row"] - 1].answer == leaking
    assert built.card["overlap"]["findings"] == 1

    dropped = build_dataset(frame, tmp_path / "out", Selection(drop_overlap=True), ["triple"], given)
    assert answers(dropped.rows) == [program(3)]
    assert dropped.card["counts"]["without overlap"] == 1
    assert dropped.card["overlap"]["findings"] == 0


def test_a_frame_may_be_filtered_before(tmp_path):
    record(tmp_path / "recordings", program(2), model="a")
    record(tmp_path / "recordings", program(3), PASSED, model="b")
    frame = load_recordings(tmp_path / "recordings")
    assert answers(build_dataset(frame.filter(frame["model"] == "b"), tmp_path).rows) == [program(3)]


def test_a_dataset_is_a_folder_that_other_tools_read(tmp_path):
    datasets = pytest.importorskip("datasets")
    for number, name in enumerate(["double", "held"]):
        record(tmp_path / "recordings", program(number + 2), name=name)
    build(tmp_path / "recordings", tmp_path / "out", ["held"])
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {name: split.num_rows for name, split in loaded.items()} == {"train": 1, "test": 1}
    assert loaded["train"][0]["conversations"][-1] == {"from": "gpt", "value": program(2)}
