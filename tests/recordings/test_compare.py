"""Judging again what was judged before."""

from dataclasses import replace

import pytest

import slingshot.recordings.compare
from recorded import PASSED, doubling, record
from slingshot.errors import RequestError
from slingshot.judge import Evaluation
from slingshot.recordings.compare import compare_recordings

FAILED = Evaluation(True, True, 1, 4, 2, 2, "tests_failed")


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*.json")}


def test_every_recorded_answer_is_judged_again_and_nothing_is_written(tmp_path, by):
    record(tmp_path, "```julia\ndouble(x) = x + x\n```")
    record(tmp_path, "```julia\ndouble(x) = x\n```", FAILED, index=1)
    record(tmp_path, "```julia\ndouble(x) = rand() + 1\n```", index=2)
    record(tmp_path, "prose", index=3)
    record(tmp_path, "```julia\ntriple(x) = 2x\n```", name="triple", index=4)
    record(tmp_path, name="far", index=5)
    record(tmp_path, "prose that needs no Julia to be judged", name="far", index=6)
    record(tmp_path, evaluation=None, index=7)
    before = files(tmp_path)
    far = doubling("far").model_copy(update={"imports": ["NoSuchPackage"]})
    seen = []
    found = compare_recordings(
        tmp_path, [doubling(), doubling("triple"), far], by, on_judged=lambda *args: seen.append(args)
    )
    assert files(tmp_path) == before
    assert seen == [(done, 5) for done in range(1, 6)]
    assert found.to_json() == {
        "compared": 5,
        "identical": 0.6,
        "fields": {
            "parsed": 0.8,
            "executed": 0.8,
            "unit_tests_passed": 0.6,
            "examples_executed": 0.8,
        },
        "unavailable": 2,
        "harness_errors": 0,
        "per_task": {
            "double": {
                "compared": 4,
                "identical": 0.5,
                "recorded_score": (100 + 81.25 + 100 + 100) / 4,
                "score": (100 + 81.25 + 75 + 0) / 4,
                "unavailable": 0,
            },
            "far": {
                "compared": 0,
                "identical": None,
                "recorded_score": None,
                "score": None,
                "unavailable": 2,
            },
            "triple": {
                "compared": 1,
                "identical": 1.0,
                "recorded_score": 100.0,
                "score": 100.0,
                "unavailable": 0,
            },
        },
        "causes": {"random or time dependent": 1, "parser": 1},
    }
    assert [pair.answer.conversation.answer for pair in found.differing if pair.cause == "parser"] == [
        "prose"
    ]


def test_a_sample_is_drawn_by_its_seed(tmp_path, by):
    for index in range(12):
        record(tmp_path, "prose", PASSED, index=index)

    def drawn(sample, seed):
        found = compare_recordings(tmp_path, [doubling()], by, sample=sample, seed=seed)
        return [pair.answer.path for pair in found.pairs]

    assert len(drawn(5, 1)) == 5
    assert drawn(5, 1) == drawn(5, 1) == sorted(drawn(5, 1))
    assert drawn(5, 1) != drawn(5, 2)
    assert len(drawn(99, 1)) == 12


def test_what_could_not_be_judged_then_or_now_is_no_difference(tmp_path, by, monkeypatch):
    record(tmp_path, evaluation=Evaluation(False, False, 0, 4, 0, 2, "unavailable"))
    record(tmp_path, index=1)
    broken = replace(PASSED, failure="harness_error", detail="no space left")

    def judge_many(work, by, jobs):
        return [(0, broken)]

    monkeypatch.setattr(slingshot.recordings.compare, "judge_many", judge_many)
    found = compare_recordings(tmp_path, [doubling()], by)
    assert (found.pairs, found.unavailable, found.identical) == ([], ["double"], None)
    (failed,) = found.failed
    assert failed.endswith(": no space left")


def test_without_evaluations_there_is_nothing_to_compare_with(tmp_path, by):
    record(tmp_path, evaluation=None)
    with pytest.raises(RequestError, match="no evaluations below this folder"):
        compare_recordings(tmp_path, [doubling()], by)
