"""Recordings on disk: the leaderboard's files, field for field."""

import json
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorded import PASSED, answered, doubling, record
from slingshot.errors import SlingshotError
from slingshot.judge import Evaluation
from slingshot.models.conversation import Conversation
from slingshot.recordings.files import (
    Sample,
    conversation_files,
    evaluation_path,
    parse_file_name,
    read_conversation,
    write_conversation,
    write_evaluation,
)
from slingshot.recordings.load import load_recordings

texts = st.text() | st.sampled_from(["", "a\n\nb\r\n", "${x} $y {{ask}}", '"""\\"', "ü 😀 \u2028 \x00", "é"])


@given(texts, texts, texts, st.sampled_from(["stop", "length", None]))
@settings(deadline=None, max_examples=50)
def test_a_conversation_is_read_as_it_was_written(system, question, answer, finish_reason):
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    conversation = Conversation(messages, answer, (3, 4), 0.25, finish_reason)
    with tempfile.TemporaryDirectory() as folder:
        path = write_conversation(
            Path(folder), Sample("m", "t", "InJulia", 2, 9), conversation, {"why": answer}
        )
        read, extra = read_conversation(path)
    assert read == conversation
    assert extra == {"sample": 2, "seed": 9, "model": "m", "why": answer}


def test_a_conversation_file_is_the_leaderboards_list_of_messages(tmp_path):
    path = write_conversation(tmp_path, Sample("m", "double", "InJulia", 0, 7), answered("hi"))
    system, user, answer = json.loads(path.read_text())
    assert system == {"content": "Be helpful.", "variables": [], "_type": "systemmessage"}
    assert user == {"content": "In Julia, double.", "variables": [], "_type": "usermessage"}
    assert answer.pop("slingshot") == {"sample": 0, "seed": 7, "model": "m"}
    assert answer == {
        "content": "hi",
        "status": 200,
        "tokens": [20, 12],
        "elapsed": 1.5,
        "finish_reason": "stop",
        "_type": "aimessage",
    }


def test_a_correction_holds_the_answers_before_it_as_the_leaderboards_fixer_does(tmp_path):
    rounds = [
        *answered().messages,
        {"role": "assistant", "content": "wrong"},
        {"role": "user", "content": "Why?"},
    ]
    sample = Sample("m", "double", "InJulia", 0, 7, "1CODEFIXER__JuliaFixer")
    path = write_conversation(tmp_path, sample, Conversation(rounds, "right", (40, 24), 3.0, "stop"))
    assert path.name.startswith("conversation__InJulia__1CODEFIXER__JuliaFixer__20")
    messages = json.loads(path.read_text())
    kinds = ["systemmessage", "usermessage", "aimessage", "usermessage", "aimessage"]
    assert [message["_type"] for message in messages] == kinds
    unknown = {"status": 200, "tokens": [-1, -1], "elapsed": -1.0}
    assert messages[2] == {"content": "wrong", **unknown, "_type": "aimessage"}
    conversation, about = read_conversation(path)
    assert (conversation.messages, conversation.answer, conversation.tokens) == (rounds, "right", (40, 24))
    assert about["strategy"] == "1CODEFIXER__JuliaFixer"
    assert parse_file_name(path.name).strategy == "1CODEFIXER__JuliaFixer"


def test_an_evaluation_file_has_the_leaderboards_fields_in_order_and_one_more(tmp_path):
    path = evaluation_path(
        record(tmp_path, evaluation=Evaluation(True, True, 3, 4, 2, 2, "tests_failed", "no"))
    )
    found = json.loads(path.read_text())
    timestamp = path.stem.split("__", 3)[3]
    beyond = found.pop("slingshot")
    assert list(found.items()) == [
        ("name", "double"),
        ("parsed", True),
        ("executed", True),
        ("unit_tests_count", 4),
        ("examples_count", 2),
        ("unit_tests_passed", 3),
        ("examples_executed", 2),
        ("tokens", [20, 12]),
        ("elapsed_seconds", 1.5),
        ("cost", 0.0),
        ("model", "m"),
        ("timestamp", timestamp),
        ("prompt_strategy", "1SHOT"),
        ("prompt_label", "InJulia"),
        ("device", found["device"]),
        ("version_prompt", "1.1"),
        ("schema", "OpenAI"),
        ("version_pt", found["version_pt"]),
        ("parameters", {}),
        ("experiment", ""),
    ]
    assert isinstance(found["device"], str)
    assert found["version_pt"].startswith("slingshot ")
    assert beyond == {
        "sample": 0,
        "seed": 7,
        "finish_reason": "stop",
        "failure": "tests_failed",
        "detail": "no",
        "line": None,
        "piracy": [],
        "judge_seconds": 0.0,
    }


def test_our_fields_are_those_of_the_leaderboards_own_files(tmp_path, leaderboard):
    ours = json.loads(evaluation_path(record(tmp_path)).read_text())
    theirs = json.loads(next((leaderboard / "utility_functions").rglob("evaluation__*.json")).read_text())
    assert list(ours) == [*theirs, "slingshot"]
    assert {key: type(ours[key]) for key in theirs} == {key: type(theirs[key]) for key in theirs}


def test_files_lie_where_the_leaderboard_puts_them(tmp_path):
    path = record(tmp_path)
    assert re.fullmatch(r"conversation__InJulia__1SHOT__\d{8}_\d{6}__\d{3}\.json", path.name)
    assert path.parent == tmp_path / "double" / "m"
    assert sorted(path.parent.iterdir()) == [path, evaluation_path(path)]


def test_answers_of_one_second_get_names_of_their_own(tmp_path):
    paths = {record(tmp_path, index=index % 3) for index in range(12)}
    assert len(paths) == 12
    assert list(conversation_files(tmp_path)) == sorted(paths)


@pytest.mark.parametrize(
    "model", ["meta-llama/Llama-3-8b", "phi:2.7b-chat", "org/a:b/c", "with space", "ü__x"]
)
def test_any_model_name_is_kept(tmp_path, model):
    path = record(tmp_path, model=model)
    assert path.parent == tmp_path / "double" / model
    frame = load_recordings(tmp_path)
    assert frame["model"].to_list() == [model]
    assert frame["prompt_label"].to_list() == ["InJulia"]


@pytest.mark.parametrize("model", ["/elsewhere", "../elsewhere", "a/../../../../b", ""])
def test_a_model_name_never_leads_out_of_its_folder(tmp_path, model):
    name = str(tmp_path) + model if model.startswith("/") else model
    with pytest.raises(SlingshotError, match=f"the model {name!r}; rename it"):
        record(tmp_path / "recordings", model=name)
    assert list(tmp_path.rglob("*.json")) == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        '[{"content": "x", "_ty',
        "{}",
        "[]",
        "3",
        "null",
        "[1]",
        '[{"content": "q", "_type": "usermessage"}]',
    ],
)
def test_a_broken_conversation_is_named(tmp_path, content):
    path = record(tmp_path)
    path.write_text(content)
    with pytest.raises(SlingshotError) as caught:
        read_conversation(path)
    assert str(caught.value).startswith(f"{path}: not a conversation")
    with pytest.raises(SlingshotError, match=re.escape(str(path))):
        load_recordings(tmp_path)


def test_a_conversation_that_is_no_text_is_named(tmp_path):
    path = record(tmp_path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SlingshotError, match=re.escape(str(path))):
        read_conversation(path)


def test_half_a_character_in_an_answer_becomes_a_question_mark(tmp_path):
    record(tmp_path, "```julia\ndouble(x) = 2x  # \ud83d\n```")
    assert load_recordings(tmp_path)["answer"].to_list() == ["```julia\ndouble(x) = 2x  # ?\n```"]


def test_an_evaluation_never_overwrites_another_answers(tmp_path):
    first, second = record(tmp_path, "one"), record(tmp_path, "two")
    write_evaluation(second, doubling(), Sample("m", "double", "InJulia", 1), answered("two"), PASSED)
    assert len(list(tmp_path.rglob("evaluation__*.json"))) == 2
    assert evaluation_path(first) != evaluation_path(second)


def test_answers_of_one_number_that_come_at_the_same_moment_are_all_kept(tmp_path):
    """So come those of a scan: the same sample, asked with every value."""
    samples = [
        Sample("m", "double", "InJulia", 0, 7, experiment=f"scan temperature={number}")
        for number in range(40)
    ]
    with ThreadPoolExecutor(16) as pool:
        paths = list(pool.map(lambda sample: write_conversation(tmp_path, sample, answered("hi")), samples))
    assert len(set(paths)) == 40
    assert {read_conversation(path)[1]["experiment"] for path in paths} == {
        sample.experiment for sample in samples
    }
