"""Judging what was recorded: what waits is judged, once."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import slingshot.recordings.judging
from recorded import PASSED, doubling, record
from slingshot.errors import SlingshotError
from slingshot.judge import HarnessError
from slingshot.recordings.files import evaluation_path
from slingshot.recordings.judging import forget_other_judges, judge_recordings
from slingshot.recordings.load import load_recordings


def test_only_what_waits_is_judged_and_then_nothing_waits(tmp_path, by):
    judged_before = evaluation_path(record(tmp_path, "```julia\ndouble(x) = 2x\n```"))
    content = judged_before.read_bytes()
    parameters = {"temperature": 0.5}
    right = record(
        tmp_path, "```julia\ndouble(x) = x + x\n```", None, model="org/m:7b", index=1, parameters=parameters
    )
    wrong = record(tmp_path, "```julia\ndouble(x) = x\n```", None, index=2)
    seen = []
    suite = [doubling(), doubling("triple")]
    assert judge_recordings(tmp_path, suite, by, 2, lambda done, total: seen.append((done, total))) == 2
    assert seen == [(1, 2), (2, 2)]
    assert judged_before.read_bytes() == content
    found = json.loads(evaluation_path(right).read_text())
    assert (found["model"], found["unit_tests_passed"], found["parameters"]) == ("org/m:7b", 4, parameters)
    assert found["slingshot"]["julia"] == by.julia.version
    assert found["slingshot"]["sandbox"] == "bubblewrap"
    assert (found["slingshot"]["sample"], found["slingshot"]["seed"]) == (1, 7)
    assert json.loads(evaluation_path(wrong).read_text())["unit_tests_passed"] == 1
    assert load_recordings(tmp_path).height == 3

    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    assert judge_recordings(tmp_path, suite, by) == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")} == written


def test_the_leaderboards_conversations_are_judged_under_the_model_of_their_folder(tmp_path, by):
    path = record(tmp_path, None, None, model="org/m:7b")
    messages = json.loads(path.read_text())
    messages[-1] = {"content": "prose", "status": 200, "tokens": [1, 2], "elapsed": 0.5, "_type": "aimessage"}
    path.write_text(json.dumps(messages))
    assert judge_recordings(tmp_path, [doubling()], by) == 1
    found = json.loads(evaluation_path(path).read_text())
    assert (found["model"], found["prompt_label"], found["parsed"]) == ("org/m:7b", "InJulia", False)


def test_a_conversation_of_no_test_case_is_named(tmp_path, by):
    path = record(tmp_path, evaluation=None, name="halve")
    with pytest.raises(SlingshotError) as caught:
        judge_recordings(tmp_path, [doubling()], by)
    assert str(caught.value).startswith(f"{path}: no test case of the suite is called halve")


def test_a_failing_judge_leaves_no_evaluation(tmp_path, by):
    record(tmp_path, evaluation=None)
    broken = replace(by, julia=replace(by.julia, executable=Path("/bin/false")))
    with pytest.raises(HarnessError):
        judge_recordings(tmp_path, [doubling()], broken)
    assert list(tmp_path.rglob("evaluation__*")) == []
    assert judge_recordings(tmp_path, [doubling()], by) == 1


def test_verdicts_of_another_judge_are_forgotten_and_those_of_this_one_stay(tmp_path, by):
    record(tmp_path, "```julia\ndouble(x) = 2x\n```", None, index=1)
    slower = replace(by, limits=replace(by.limits, seconds=by.limits.seconds + 1))
    assert judge_recordings(tmp_path, [doubling()], by) == 1
    assert forget_other_judges(tmp_path, by) == 0
    assert forget_other_judges(tmp_path, slower) == 1
    assert judge_recordings(tmp_path, [doubling()], slower) == 1


def test_what_another_judge_found_is_replaced_on_request_and_the_rest_stays(tmp_path, by):
    path = evaluation_path(record(tmp_path, "```julia\ndouble(x) = x\n```"))
    theirs = json.loads(path.read_text())
    del theirs["slingshot"]
    theirs |= {"cost": 0.125, "device": "a laptop", "experiment": "one"}
    path.write_text(json.dumps(theirs))
    assert judge_recordings(tmp_path, [doubling()], by) == 0
    assert judge_recordings(tmp_path, [doubling()], by, others_too=True) == 1
    ours = json.loads(path.read_text())
    assert (ours["unit_tests_passed"], ours["slingshot"]["recorded"]["unit_tests_passed"]) == (1, 4)
    assert {**ours, **ours["slingshot"]["recorded"]} == {**theirs, "slingshot": ours["slingshot"]}
    assert judge_recordings(tmp_path, [doubling()], by, others_too=True) == 0

    slower = replace(by, limits=replace(by.limits, seconds=by.limits.seconds + 1))
    assert judge_recordings(tmp_path, [doubling()], slower, others_too=True) == 1
    assert json.loads(path.read_text())["slingshot"]["recorded"] == ours["slingshot"]["recorded"]


def test_answers_on_which_the_judge_fails_get_no_evaluation_and_the_others_do(tmp_path, by, monkeypatch):
    first, second = record(tmp_path, evaluation=None), record(tmp_path, evaluation=None, index=1)
    failed = replace(PASSED, failure="harness_error", detail="no space left")
    monkeypatch.setattr(
        slingshot.recordings.judging, "judge_many", lambda work, by, jobs: [(1, PASSED), (0, failed)]
    )
    with pytest.raises(HarnessError) as caught:
        judge_recordings(tmp_path, [doubling()], by)
    assert "failed on 1 of 2 answers" in str(caught.value)
    assert f"{first}: no space left" in str(caught.value)
    assert not evaluation_path(first).exists()
    assert evaluation_path(second).exists()
