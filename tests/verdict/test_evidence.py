"""What a verdict rests on: recordings made anywhere, a run's folder, training rows and what lies beside them."""

import json

import pytest

from recorded import PASSED, doubling, record
from slingshot.dataset import Row
from slingshot.errors import RequestError
from slingshot.files import sha256_of_file
from slingshot.judge import Evaluation
from slingshot.recordings.load import load_recordings
from slingshot.verdict import (
    CostFacts,
    Names,
    TrainingFacts,
    build_verdict,
    check_common_cells,
    evidence_of_recordings,
    evidence_of_run,
    read_training_data,
    read_verdict,
    write_verdict,
)

FAILED = Evaluation(False, False, 0, 4, 0, 2, "parse_error")
CASES = [f"case_{number}" for number in range(8)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two answers of base, tuned and a giant to each of eight test cases; a stranger was asked otherwise."""
    folder = tmp_path_factory.mktemp("recordings")
    for name in CASES:
        for index in range(2):
            code = f"```julia\n{name}(x) = {index}x\n```"
            record(folder, code, FAILED, model="base", name=name, index=index)
            record(folder, code, PASSED, model="tuned.Q4_K_M", name=name, index=index)
            record(folder, code, PASSED, model="giant", name=name, index=index)
    record(folder, model="stranger", name="case_0", label="JuliaExpertAsk")
    record(folder, model="tuned.Q4_K_M", name="case_0", index=9, experiment="hotter")
    return folder


@pytest.fixture(scope="module")
def frame(folder):
    return load_recordings(folder)


def rows_file(folder, rows, name="train.jsonl"):
    path = folder / name
    path.write_text("".join(made.to_json() + "\n" for made in rows))
    return path


def learned(question, answer, test_case="case_0"):
    return Row([{"role": "user", "content": question}, {"role": "assistant", "content": answer}], test_case)


NAMES = Names("base", ["tuned.Q4_K_M"], ["giant"], held_out=["case_6", "case_7"])


def test_recordings_made_anywhere_are_evidence(frame):
    evidence = evidence_of_recordings(frame, NAMES)
    assert [(model.name, model.kind) for model in evidence.models] == [
        ("base", "base"),
        ("tuned.Q4_K_M", "gguf"),
        ("giant", "recorded"),
    ]
    assert (list(evidence.seen), list(evidence.held_out)) == (CASES[:6], ["case_6", "case_7"])
    verdict = evidence.verdict()
    assert verdict.tuned.scores["all"].samples == 16  # without the experiment's
    assert verdict.comparison(verdict.tuned, verdict.base, "seen").claim == "better"


def test_test_cases_that_are_named_in_no_list_are_in_no_split_once_the_seen_ones_are_named(frame):
    evidence = evidence_of_recordings(frame, Names("base", ["giant"], seen=["case_1"], variant=["case_2"]))
    verdict = evidence.verdict()
    assert verdict.tuned.kind == "merged"
    assert {name: task.split for name, task in verdict.tuned.per_task.items() if task.split} == {
        "case_1": "seen",
        "case_2": "variant",
    }


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (Names("bose", ["giant"]), r"bose: no judged answers in the recordings; did you mean base\?"),
        (Names("base", ["giant"], held_out=["case_77"]), r"--held-out: no recordings of .* case_77; did you"),
        (Names("base", ["giant"], seen=["casa_1"]), r"--seen: no recordings of .* did you mean case_1\?"),
        (Names("base", ["giant"], seen=["case_1"], held_out=["case_1"]), "case_1 is named as seen and as"),
        (Names("base", ["base"]), "base: listed twice"),
        (Names("base", ["stranger"]), "stranger and base have no test case and prompt label in common"),
    ],
)
def test_names_that_do_not_hold_are_refused(frame, names, words):
    with pytest.raises(RequestError, match=words):
        evidence = evidence_of_recordings(frame, names)
        check_common_cells(evidence)
        evidence.verdict()


def test_a_finished_run_is_evidence_for_the_verdict_that_it_has(frame, folder, tmp_path):
    run = tmp_path / "run"
    (run / "dataset").mkdir(parents=True)
    rows_file(run / "dataset", [learned("double", "```julia\ncase_0(x) = 0x\n```")])
    for name in CASES:
        for model, found in (("base", FAILED), ("tuned.Q4_K_M", PASSED)):
            record(run / "recordings" / "benchmark", evaluation=found, model=model, name=name)
    evidence = evidence_of_recordings(
        load_recordings(run / "recordings" / "benchmark"),
        Names("base", ["tuned.Q4_K_M"], held_out=["case_7"]),
        run / "dataset",
    )
    found = build_verdict(
        evidence.recordings,
        evidence.models,
        evidence.seen,
        evidence.held_out,
        evidence.data.answers,
        TrainingFacts(rows=1, final_loss=0.5),
        CostFacts(measured_usd=0.2),
        extract=str,
    )
    write_verdict(found, evidence.recordings, run)
    again = evidence_of_run(run).verdict()
    assert again.training == found.training
    assert again.cost == found.cost
    assert [model.scores for model in again.models] == [model.scores for model in found.models]
    assert again.tuned.per_task["case_7"].split == "held_out"
    beside = evidence_of_run(run, ["giant"], frame).verdict()
    assert [model.name for model in beside.models] == ["base", "tuned.Q4_K_M", "giant"]
    assert beside.tuned.scores == again.tuned.scores
    assert read_verdict(run / "verdict.json") == found


def test_a_folder_that_is_no_finished_run_is_refused(tmp_path):
    with pytest.raises(RequestError, match="there is no such folder"):
        evidence_of_run(tmp_path / "nothing")
    with pytest.raises(RequestError, match=r"no verdict\.json, so it is no finished run"):
        evidence_of_run(tmp_path)


def test_training_rows_come_with_the_validation_rows_beside_them(tmp_path):
    rows_file(tmp_path, [learned("a", "b")])
    rows_file(tmp_path, [learned("c", "d")], "validation.jsonl")
    for path in (tmp_path, tmp_path / "train.jsonl"):
        data = read_training_data(path)
        assert (data.answers, [row.answer for row in data.validation], data.overlap) == (["b"], ["d"], None)


def test_overlap_is_what_the_card_of_these_very_rows_says(tmp_path):
    file = rows_file(tmp_path, [learned("a", "b")])
    targets = [{"name": "case_6", "rows": {"code": 2, "prompt": 3}}, {"name": "case_7", "rows": {"code": 0}}]
    card = {"train_sha256": sha256_of_file(file), "overlap": {"findings": 5, "targets": targets}}
    (tmp_path / "dataset.json").write_text(json.dumps(card))
    assert read_training_data(file).overlap == {"case_6": 3}
    (tmp_path / "dataset.json").write_text(json.dumps(card | {"train_sha256": "0" * 64}))
    assert read_training_data(file).overlap is None
    (tmp_path / "dataset.json").write_text("[]")
    with pytest.raises(RequestError, match=r"dataset\.json: not a dataset's card"):
        read_training_data(file)


def test_overlap_is_measured_where_definitions_are_given(tmp_path):
    test = "@test case_6(12345) == 24690 && case_6(-7) == -14"
    case = doubling("case_6")
    case = case.model_copy(update={"unit_tests": [test]})
    file = rows_file(tmp_path, [learned("a", f"```julia\n{test}\n```"), learned("a", "nothing")])
    assert read_training_data(file, [case], ["case_6"]).overlap == {"case_6": 1}
    assert read_training_data(file, [case], ["case_7"]).overlap is None


def test_a_row_of_a_held_out_test_case_is_overlap_whatever_it_says(tmp_path):
    file = rows_file(tmp_path, [learned("a", "b", "case_6"), learned("c", "d")])
    assert read_training_data(file, held_out=["case_6"]).overlap == {"case_6": 1}
