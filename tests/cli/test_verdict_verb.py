"""`slingshot verdict`: what it prints, writes and refuses."""

import json
import shutil

import pytest

from command import refused, slingshot
from recorded import record
from slingshot.judge import Evaluation

FAILED = Evaluation(False, False, 0, 4, 0, 2, "parse_error")
CASES = [f"case_{number}" for number in range(8)]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The answers of base and tuned model in one folder, those of a giant in another."""
    ours, others = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("others")
    for name in CASES:
        record(ours, evaluation=FAILED, model="base", name=name)
        record(ours, model="tuned", name=name)
        record(others, model="giant", name=name)
    return ours, others


@pytest.fixture(scope="module")
def written(folders, tmp_path_factory):
    """The verdict on both folders, written and printed as JSON."""
    out = tmp_path_factory.mktemp("out") / "verdict"
    ours, others = folders
    rows = out.parent / "train.jsonl"
    turns = [{"from": "human", "value": "?"}, {"from": "gpt", "value": "```julia\ndouble(x) = 2x\n```"}]
    rows.write_text(json.dumps({"conversations": turns}) + "\n")
    return out, slingshot(
        *("verdict", "--recordings", ours, "--recordings", others, "--base", "base", "--tuned", "tuned"),
        *("--reference", "giant", "--seen", ",".join(CASES[:6]), "--held-out", "case_6,case_7"),
        *("--training-data", rows, "--out", out, "--format", "json"),
    )


def test_the_page_has_the_messages_from_the_recordings_and_the_rows_trained_on(written):
    page = (written[0] / "report.html").read_text()
    assert "Be helpful." in page
    assert page.count("Nearest training row</h3>") == 2 * len(CASES)
    assert "<mark>double(x) = 2x</mark>" in page


def test_recordings_made_anywhere_get_a_verdict_in_files_and_as_json(written):
    out, done = written
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert json.loads((out / "verdict.json").read_text()) == verdict
    assert [(model["name"], model["kind"]) for model in verdict["models"]] == [
        ("base", "base"),
        ("tuned", "merged"),
        ("giant", "recorded"),
    ]
    assert verdict["models"][1]["memorization"]["seen"]["verbatim_rate"] == 1
    claims = {(c["b"], c["on"]): c["claim"] for c in verdict["comparisons"]}
    assert claims["base", "seen"] == "better"
    assert claims["giant", "held_out"] == "no measurable difference"
    assert {file.name for file in out.iterdir()} == {
        "verdict.json",
        "report.html",
        "verdict.md",
        "charts",
    }
    assert "report.html in a browser" in done.stderr


def test_a_table_ends_in_one_sentence_and_nothing_is_written(folders):
    done = slingshot(
        "verdict", "--recordings", folders[0], "--base", "base", "--tuned", "tuned", "--held-out", "case_7"
    )
    assert done.returncode == 0, done.stderr
    printed = " ".join(done.stdout.split())
    assert printed.endswith(
        "the 1 it never saw, 100.0 [unknown] against the base's 0.0 (solves 100 % against "
        "0 %): too few test cases in common to say which is better."
    )
    assert "single-samples" in printed
    assert "--out DIR writes" in done.stderr


def test_what_a_run_says_itself_is_not_asked_for(written, folders):
    refused(slingshot("verdict", written[0], "--base", "base"), 2, "--base", "leave the option out")
    refused(
        slingshot("verdict", "--recordings", folders[0], "--base", "bases", "--tuned", "tuned"),
        2,
        "bases: no judged answers in the recordings; did you mean base?",
    )


def test_a_verdict_rests_on_no_broken_recording_unless_it_is_told_to(folders, tmp_path):
    shutil.copytree(folders[0], tmp_path / "ours")
    record(tmp_path / "ours", evaluation=Evaluation(True, True, 9, 4, 2, 2), model="base", index=1)
    asked = ("verdict", "--recordings", tmp_path / "ours", "--base", "base", "--tuned", "tuned")
    said = refused(slingshot(*asked), 1, "evaluation__", "9 of 4 unit tests passed")
    assert str(tmp_path / "ours" / "double" / "base") in said
    done = slingshot(*asked, "--lenient")
    assert done.returncode == 0, done.stderr
    assert "Passed over 1 broken recording, named above." in done.stderr
