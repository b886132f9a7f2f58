"""Scores by our own judge in the place of recorded ones."""

import json

import pytest

from chosen import answers, program
from recorded import PASSED, doubling, record
from slingshot.dataset import Given, Rejudging, Selection, build_dataset
from slingshot.dataset.selecting.rejudge import rejudged
from slingshot.errors import RequestError
from slingshot.judge import Evaluation
from slingshot.recordings.load import load_recordings

FAILED = Evaluation(True, True, 0, 4, 2, 2, "tests_failed")


@pytest.fixture
def frame(tmp_path):
    """A right answer that is recorded as wrong, and a wrong one that is recorded as right."""
    record(tmp_path / "recordings", program(2), FAILED)
    record(tmp_path / "recordings", program(3), PASSED, index=1)
    return load_recordings(tmp_path / "recordings")


def test_what_was_recorded_does_not_count(by, frame, tmp_path):
    assert answers(build_dataset(frame, tmp_path / "out").rows) == [program(3)]
    given, again = Given(suite=[doubling()]), Rejudging(by)
    built = build_dataset(frame, tmp_path / "out", Selection(rejudge=True), (), given, again)
    assert answers(built.rows) == [program(2)]
    assert built.card["counts"]["score at least 100 (judged again)"] == 1


def test_verdicts_are_kept_and_a_half_written_one_is_made_again(by, frame, tmp_path):
    store, seen = tmp_path / "rejudged.jsonl", []
    first = rejudged(frame, [doubling()], by, store, on_judged=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    assert first.sort("answer")["score"].to_list() == [100.0, 81.25]
    lines = store.read_text().splitlines()
    assert {json.loads(line)["solved"] for line in lines} == {True, False}
    store.write_text(lines[0] + "\n" + lines[1][:20])
    seen.clear()
    again = rejudged(frame, [doubling()], by, store, on_judged=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 1)]
    assert again.equals(first)


def test_a_test_case_without_a_definition_is_refused(by, frame, tmp_path):
    with pytest.raises(RequestError, match="no test case of the suite is called double; name its --suite"):
        rejudged(frame, [doubling("triple")], by, tmp_path / "store.jsonl")
