"""Recordings as one data frame, ours and the leaderboard's."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from recorded import record
from slingshot.errors import SlingshotError
from slingshot.judge import Evaluation
from slingshot.recordings.files import conversation_files, evaluation_path
from slingshot.recordings.load import SCHEMA, load_recordings
from slingshot.recordings.solutions import record_solutions


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path_factory.mktemp("cache")))


def test_an_empty_folder_is_an_empty_frame_with_all_columns(tmp_path):
    frame = load_recordings(tmp_path)
    assert frame.height == 0
    assert dict(frame.schema) == SCHEMA
    assert load_recordings(tmp_path / "missing").equals(frame)


def test_a_row_says_what_was_asked_answered_and_found(tmp_path):
    path = record(
        tmp_path, "prose", Evaluation(True, True, 3, 4, 2, 2, "tests_failed", "unit test 4: no"), index=5
    )
    (row,) = load_recordings(tmp_path).to_dicts()
    assert isinstance(row.pop("device"), str)
    assert row.pop("timestamp") in path.name
    assert row.pop("version_pt").startswith("slingshot ")
    assert len(row.pop("prompt_hash")) == 16
    assert row == {
        "model": "m",
        "test_case": "double",
        "prompt_label": "InJulia",
        "sample": 5,
        "seed": 7,
        "strategy": "1SHOT",
        "experiment": "",
        "parameters": "{}",
        "prompt": "In Julia, double.",
        "answer": "prose",
        "answer_hash": int(hashlib.sha256(b"prose").hexdigest()[:16], 16),
        "parsed": True,
        "executed": True,
        "unit_tests_passed": 3,
        "unit_tests_count": 4,
        "examples_executed": 2,
        "examples_count": 2,
        "score": 93.75,
        "solved": False,
        "failure": "tests_failed",
        "detail": "unit test 4: no",
        "finish_reason": "stop",
        "tokens_prompt": 20,
        "tokens_answer": 12,
        "elapsed_seconds": 1.5,
        "cost_usd": 0.0,
        "schema": "OpenAI",
        "served": None,
        "version_prompt": "1.1",
        "judge": "{}",
        "form": "{}",
        "path": str(evaluation_path(path)),
    }


def test_rows_are_sorted_by_model_test_case_label_and_sample(tmp_path):
    for model, name, label, index in [
        ("b", "x", "InJulia", 0),
        ("a", "y", "InJulia", 1),
        ("a", "y", "InJulia", 0),
        ("a", "x", "JuliaCodeOnly", 0),
        ("a", "x", "AsIs", 0),
    ]:
        record(tmp_path, model=model, name=name, label=label, index=index)
    rows = load_recordings(tmp_path).select("model", "test_case", "prompt_label", "sample").rows()
    assert rows == sorted(rows)
    assert len(rows) == 5


def test_an_answer_that_could_not_be_judged_has_no_score(tmp_path):
    record(tmp_path, evaluation=Evaluation(False, False, 0, 4, 0, 2, "unavailable", "no package"))
    record(tmp_path, evaluation=Evaluation(False, False, 0, 4, 0, 2, "no_code"), index=1)
    assert load_recordings(tmp_path)["score"].to_list() == [None, 0.0]


def test_a_conversation_that_is_not_judged_yet_is_left_out(tmp_path):
    record(tmp_path, "judged")
    record(tmp_path, "waiting", evaluation=None, index=1)
    assert load_recordings(tmp_path)["answer"].to_list() == ["judged"]


@pytest.mark.parametrize(
    "content", ["", '{"name": "doub', "[]", "{}", "3", '{"name": "double", "slingshot": 1}']
)
def test_a_broken_evaluation_is_named(tmp_path, content):
    path = evaluation_path(record(tmp_path))
    path.write_text(content)
    with pytest.raises(SlingshotError, match=f"^{re.escape(str(path))}: not an evaluation"):
        load_recordings(tmp_path)


@pytest.mark.parametrize("key", ["name", "parsed", "unit_tests_count", "model", "timestamp"])
def test_an_evaluation_that_lacks_a_field_is_named_with_it(tmp_path, key):
    path = evaluation_path(record(tmp_path))
    content = json.loads(path.read_text())
    del content[key]
    path.write_text(json.dumps(content))
    with pytest.raises(SlingshotError, match=f"{re.escape(str(path))}.*KeyError.*{key}"):
        load_recordings(tmp_path)


@pytest.mark.parametrize("test_case", ["utility_functions/event_scheduler", "data_analysis/audi_filter"])
def test_the_leaderboards_recordings_load_with_the_leaderboards_scores(leaderboard, test_case):
    folder = (leaderboard / test_case).parent
    files = [path for path in conversation_files(folder) if path.is_relative_to(leaderboard / test_case)]
    frame = load_recordings(leaderboard / test_case)
    assert frame.height == len(files) > 1000
    assert frame["test_case"].unique().to_list() == [test_case.split("/")[1]]
    assert frame["model"].n_unique() > 30
    for row in frame.select("path", "score", "model", "prompt_label", "tokens_answer", "sample").iter_rows(
        named=True
    ):
        found = json.loads(Path(row["path"]).read_text())
        tests, examples = found["unit_tests_count"], found["examples_count"]
        points = 25 * found["parsed"] + 25 * found["executed"]
        points += 25 * found["unit_tests_passed"] / tests if tests else 0
        points += 25 * found["examples_executed"] / examples if examples else 0
        assert row["score"] == pytest.approx(points, abs=1e-9)
        assert (row["model"], row["prompt_label"]) == (found["model"], found["prompt_label"])
        assert row["tokens_answer"] == found["tokens"][1]
        assert row["sample"] is None, "the leaderboard numbers no samples"


def test_solutions_are_recorded_in_turns_over_the_labels_and_always_the_same(tmp_path, suite):
    chosen = [
        test_case for test_case in suite if test_case.name in ("mask_code", "quote_field", "split_amount")
    ]
    labels = ["InJulia", "JuliaCodeOnly"]
    programs = {t.name: t.solutions() for t in chosen}
    count = record_solutions(chosen, labels, tmp_path / "a")
    assert count == sum(map(len, programs.values())) == len(list(conversation_files(tmp_path / "a")))
    record_solutions(chosen, labels, tmp_path / "b")

    def content(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.json")}

    before = content(tmp_path / "a")
    assert before == content(tmp_path / "b")
    assert record_solutions(chosen, labels, tmp_path / "a") == count
    assert content(tmp_path / "a") == before
    of_mask_code = [path.name.split("__")[1] for path in conversation_files(tmp_path / "a" / "mask_code")]
    assert abs(of_mask_code.count("InJulia") - of_mask_code.count("JuliaCodeOnly")) <= 1
