"""The very messages that recordings hold, by test case and prompt label."""

import json
from collections import Counter

import pytest

from recorded import QUESTION, record
from slingshot.errors import RequestError, SlingshotError
from slingshot.recordings.files import conversation_files, evaluation_path
from slingshot.recordings.prompts import recorded_prompts
from slingshot.suite import PROMPT_TEMPLATES, load_suite, render_prompt


def ask(path, text, timestamp=None):
    """Change what a recording's user asked and, if wanted, when: the recording's new path."""
    messages = json.loads(path.read_text())
    messages[1]["content"] = text
    path.write_text(json.dumps(messages))
    if timestamp is None:
        return path
    label, strategy = path.name.split("__")[1:3]
    renamed = path.with_name(f"conversation__{label}__{strategy}__{timestamp}.json")
    if evaluation_path(path).exists():
        evaluation_path(path).rename(evaluation_path(renamed))
    return path.rename(renamed)


def asked(prompts, cell):
    """The user's text of a cell."""
    return prompts.messages[cell][1]["content"]


def test_the_messages_are_those_before_the_answer(tmp_path):
    record(tmp_path)
    found = recorded_prompts(tmp_path)
    assert found.messages == {("double", "InJulia"): QUESTION}
    assert found.unlike == {}


def test_cells_are_told_apart_and_sorted(tmp_path):
    for name, label in (("zebra", "AsIs"), ("ant", "InJulia"), ("ant", "AsIs")):
        record(tmp_path, name=name, label=label)
    assert list(recorded_prompts(tmp_path).messages) == [
        ("ant", "AsIs"),
        ("ant", "InJulia"),
        ("zebra", "AsIs"),
    ]


def test_only_the_labels_that_are_asked_for_are_read(tmp_path):
    record(tmp_path, label="InJulia")
    broken = record(tmp_path, label="AsIs")
    broken.write_text("[")
    assert list(recorded_prompts(tmp_path, ["InJulia"]).messages) == [("double", "InJulia")]
    with pytest.raises(SlingshotError, match=f"^{broken}: not a conversation"):
        recorded_prompts(tmp_path)


def test_the_most_frequent_wording_wins_and_the_others_are_counted(tmp_path):
    for index, text in enumerate(["old", "new", "old", "odd", "old"]):
        ask(record(tmp_path, index=index), text)
    found = recorded_prompts(tmp_path)
    assert asked(found, ("double", "InJulia")) == "old"
    assert found.unlike == {("double", "InJulia"): 2}


def test_of_equally_frequent_wordings_the_latest_wins(tmp_path):
    for index, (text, time) in enumerate(
        [
            ("a", "20240309_000000"),
            ("b", "20240311_000000"),
            ("a", "20240310_000000"),
            ("b", "20240101_000000"),
        ]
    ):
        ask(record(tmp_path, index=index), text, f"{time}__{100 + index}")
    found = recorded_prompts(tmp_path)
    assert asked(found, ("double", "InJulia")) == "b"
    assert found.unlike == {("double", "InJulia"): 2}


def test_a_system_message_is_a_part_of_the_wording(tmp_path):
    path = record(tmp_path)
    messages = json.loads(path.read_text())
    path.write_text(json.dumps(messages[1:]))
    assert recorded_prompts(tmp_path).messages == {("double", "InJulia"): QUESTION[1:]}


def test_corrected_answers_do_not_count_and_rounds_end_at_the_first_answer(tmp_path):
    record(tmp_path, strategy="2CODEFIXER__CodeFixerTiny", name="other")
    path = record(tmp_path)
    messages = json.loads(path.read_text())
    again = {"content": "Again!", "variables": [], "_type": "usermessage"}
    path.write_text(json.dumps([*messages, again, messages[-1]]))
    assert recorded_prompts(tmp_path).messages == {("double", "InJulia"): QUESTION}


@pytest.mark.parametrize("judged", [True, False])
def test_the_test_case_is_known_with_and_without_an_evaluation_from_any_folder_on(tmp_path, judged):
    options = {} if judged else {"evaluation": None}
    record(tmp_path / "numbers", model="org/m:7b", **options)
    for folder in ("", "numbers", "numbers/double", "numbers/double/org"):
        assert list(recorded_prompts(tmp_path / folder).messages) == [("double", "InJulia")]


def test_without_any_word_of_it_the_path_says_the_test_case(tmp_path):
    path = record(tmp_path / "cells", evaluation=None, model="org/m:7b", name="pad_cell")
    messages = json.loads(path.read_text())
    del messages[-1]["slingshot"]
    path.write_text(json.dumps(messages))
    assert list(recorded_prompts(tmp_path).messages) == [("pad_cell", "InJulia")]


def test_an_unknown_label_comes_with_the_one_that_was_meant(tmp_path):
    record(tmp_path)
    with pytest.raises(RequestError) as caught:
        recorded_prompts(tmp_path, ["InJulia", "InJulja"])
    assert str(caught.value) == (
        f"{tmp_path}: no recordings of the prompt label InJulja; did you mean InJulia?"
    )


def test_a_folder_without_single_questions_is_refused(tmp_path):
    record(tmp_path / "fixed", strategy="1CODEFIXER__CodeFixerTiny")
    for folder in (tmp_path / "fixed", tmp_path / "missing"):
        with pytest.raises(RequestError, match=f"^{folder}: no recordings of single questions"):
            recorded_prompts(folder)


@pytest.mark.parametrize("content", ["", "{}", "[]", "[3]"])
def test_a_broken_conversation_is_named(tmp_path, content):
    path = record(tmp_path)
    path.write_text(content)
    with pytest.raises(SlingshotError, match=f"^{path}: not a conversation"):
        recorded_prompts(tmp_path)


def test_a_recording_without_a_question_is_named(tmp_path):
    path = record(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text())[-1:]))
    with pytest.raises(SlingshotError, match=f"^{path}: no user message before the answer"):
        recorded_prompts(tmp_path)


def test_the_leaderboard_asked_every_cell_in_one_wording_but_for_the_reworded_templates(leaderboard):
    found = recorded_prompts(leaderboard)
    names = {"event_scheduler", "ispersonal", "audi_filter"}
    labels = {label for _, label in found.messages}
    assert len(labels) == 8
    assert set(found.messages) == {(name, label) for name in names for label in labels}
    reworded = ("JuliaRecapTask", "JuliaRecapCoTTask")
    assert found.unlike == {(name, label): 120 for name in names for label in reworded}
    test_cases = {test_case.name: test_case for test_case in load_suite(leaderboard)}
    for name in names:
        for label in ("InJulia", "AsIs"):
            messages = render_prompt(PROMPT_TEMPLATES[label], test_cases[name])
            assert found.messages[(name, label)] == messages
    assert Counter(path.name.split("__")[1] for path in conversation_files(leaderboard)).keys() == labels
