"""Which test case and model a recorded answer belongs to, in our layout and in the leaderboard's."""

import json

import pytest

from recorded import doubling, record
from slingshot.errors import SlingshotError
from slingshot.recordings.answers import read_answers, recorded_suite
from slingshot.recordings.files import conversation_files, evaluation_path
from slingshot.suite import bundled_suite, load_suite, with_variants


def test_our_own_layout(tmp_path):
    path = record(tmp_path, evaluation=None, model="org/m:7b", index=3)
    (answer,) = read_answers([path], tmp_path, [doubling()])
    assert (answer.test_case, answer.model, answer.sample.prompt_label) == (doubling(), "org/m:7b", "InJulia")
    assert answer.evaluation is None
    assert answer.extra["sample"] == 3


def test_every_recording_of_the_leaderboard_is_told_apart(leaderboard):
    suite = recorded_suite(leaderboard)
    assert len(suite) == 14
    answers = read_answers(conversation_files(leaderboard), leaderboard, suite)
    assert len(answers) > 5000
    for answer in answers:
        assert answer.evaluation["name"] == answer.test_case.name
        assert answer.evaluation["model"] == answer.model
        assert answer.evaluation["prompt_label"] == answer.sample.prompt_label
        assert answer.recorded_on == answer.evaluation["timestamp"][:8]
    assert any("/" in answer.model for answer in answers)


def test_without_an_evaluation_the_path_says_it(tmp_path):
    path = record(tmp_path / "numbers", evaluation=None, model="org/double")
    messages = json.loads(path.read_text())
    del messages[-1]["slingshot"]
    path.write_text(json.dumps(messages))
    (answer,) = read_answers([path], tmp_path, [doubling()])
    assert (answer.test_case.name, answer.model) == ("double", "org/double")


def test_inside_one_test_cases_folder_the_evaluation_says_it(tmp_path):
    path = record(tmp_path, model="org/m")
    (answer,) = read_answers([path], tmp_path / "double", [doubling()])
    assert (answer.test_case.name, answer.model) == ("double", "org/m")


def test_a_recording_of_an_unknown_test_case_is_named(tmp_path):
    path = record(tmp_path, name="halve")
    with pytest.raises(SlingshotError) as caught:
        read_answers([path], tmp_path, [doubling()])
    assert str(caught.value).startswith(
        f"{path}: no test case of the suite is called halve; judge with its own"
    )


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_broken_evaluation_is_named(tmp_path, content):
    path = record(tmp_path)
    evaluation_path(path).write_text(content)
    with pytest.raises(SlingshotError) as caught:
        read_answers([path], tmp_path, [doubling()])
    assert str(caught.value).startswith(f"{evaluation_path(path)}: not an evaluation")


def test_the_suite_is_the_one_among_the_recordings_or_the_bundled_one(tmp_path):
    record(tmp_path)
    assert recorded_suite(tmp_path) == with_variants(load_suite(bundled_suite()))
