"""Conversations are saved as PromptingTools saves them, loaded as they were, and refused by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionMessage

from slingshot.dataset.collection.conversations import (
    conversations_in,
    load_conversation,
    open_conversation,
    save_conversation,
)
from slingshot.errors import RequestError
from slingshot.recordings.files import read_conversation
from slingshot.recordings.problems import Problem

MESSAGES = [
    {"role": "system", "content": "You write Julia."},
    {"role": "user", "content": "Add {{a}} and b."},
    {"role": "assistant", "content": "```julia\nadd(a, b) = a + b\n```"},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
OTHER_KEYS = st.text(min_size=1).filter(
    lambda key: (
        key not in ("role", "content", "_type", "slingshot", "variables", "status", "tokens", "elapsed")
    )
)
ANY_MESSAGES = st.lists(
    st.builds(
        lambda role, content, rest: {"role": role, "content": content, **rest},
        st.sampled_from(["system", "user", "assistant"]),
        st.text(),
        st.dictionaries(OTHER_KEYS, JSON, max_size=2),
    ),
    min_size=1,
    max_size=4,
)


def test_the_file_is_what_promptingtools_writes_with_what_is_known_at_its_end(tmp_path):
    path = save_conversation(tmp_path / "add.json", MESSAGES, topic="numbers", model="m", licence="MIT")
    system, user, answer = json.loads(path.read_text())
    assert system == {"content": "You write Julia.", "variables": [], "_type": "systemmessage"}
    assert user == {"content": "Add {{a}} and b.", "variables": [], "_type": "usermessage"}
    assert {key: answer[key] for key in ("status", "tokens", "elapsed", "_type")} == {
        "status": 200,
        "tokens": [-1, -1],
        "elapsed": -1.0,
        "_type": "aimessage",
    }
    assert list(answer)[-1] == "slingshot"
    assert answer["slingshot"] == {"topic": "numbers", "model": "m", "licence": "MIT"}


def test_what_promptingtools_wrote_is_loaded_with_all_that_it_says(tmp_path):
    path = tmp_path / "theirs.json"
    theirs = [
        {
            "content": "Template",
            "description": "About adding",
            "version": "1",
            "source": "",
            "_type": "metadatamessage",
        },
        {"content": "Add {{a}}", "variables": ["a"], "name": None, "_type": "usermessage"},
        {"content": "a", "status": 200, "tokens": [3, 4], "elapsed": 0.5, "cost": 0.1, "_type": "aimessage"},
    ]
    path.write_text(json.dumps(theirs))
    opened = open_conversation(path)
    assert opened.messages == [
        {"role": "user", "content": "Add {{a}}", "variables": ["a"], "name": None},
        {"role": "assistant", "content": "a", "tokens": [3, 4], "elapsed": 0.5, "cost": 0.1},
    ]
    assert opened.about == {"description": "About adding"}
    again = json.loads(save_conversation(tmp_path / "ours.json", opened.messages, **opened.about).read_text())
    assert again[0] == theirs[1]
    assert again[1] == theirs[2] | {"slingshot": {"description": "About adding"}}


@given(messages=ANY_MESSAGES, about=st.dictionaries(st.text(min_size=1), JSON, max_size=3))
def test_a_saved_conversation_is_loaded_as_it_was(tmp_path_factory, messages, about):
    path = save_conversation(tmp_path_factory.getbasetemp() / "round.json", messages, **about)
    opened = open_conversation(path)
    assert (opened.messages, opened.about) == (messages, about)
    assert load_conversation(str(path)) == messages


def test_a_saved_conversation_is_a_recording_s_too(tmp_path):
    conversation, extra = read_conversation(save_conversation(tmp_path / "c.json", MESSAGES, model="m"))
    assert [*conversation.messages, {"role": "assistant", "content": conversation.answer}] == MESSAGES
    assert extra == {"model": "m"}


def test_messages_may_be_the_openai_client_s_own_with_content_in_parts(tmp_path):
    parts = [{"type": "text", "text": "Add"}, {"type": "text", "text": "a and b."}]
    answer = ChatCompletionMessage(role="assistant", content="a + b")
    path = save_conversation(tmp_path / "c.json", [{"role": "user", "content": parts}, answer])
    assert load_conversation(path) == [
        {"role": "user", "content": "Add\na and b."},
        {"role": "assistant", "content": "a + b"},
    ]


COMPLETION = ChatCompletion(id="1", choices=[], created=1, model="m", object="chat.completion")
CALLS = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
IMAGE = {"type": "image_url", "image_url": {"url": "https://x"}}


@pytest.mark.parametrize(
    ("messages", "about", "words"),
    [
        ([], {}, "there is no message to save"),
        (
            [{"role": "tool", "content": "4"}],
            {},
            "message 1 has the role tool; there are: assistant, system, user",
        ),
        ([{"role": "asistant", "content": "4"}], {}, "did you mean assistant?"),
        ([*MESSAGES, CALLS], {}, "message 4 has no text as its content"),
        ([{"role": "user", "content": [IMAGE]}], {}, "message 1 has a part of the type image_url"),
        ([COMPLETION], {}, "of an endpoint's answer take `choices[0].message`"),
        (["Add."], {}, "message 1 has no role and content; give a dictionary"),
        (MESSAGES, {"score": float("nan")}, "not all of it can be written as JSON"),
        (MESSAGES, {"path": json}, "not all of it can be written as JSON"),
    ],
)
def test_what_cannot_be_saved_is_refused_by_name_and_nothing_is_written(tmp_path, messages, about, words):
    path = tmp_path / "c.json"
    with pytest.raises(RequestError) as caught:
        save_conversation(path, messages, **about)
    assert words in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not JSON"),
        ("{}", "a conversation is a list of messages"),
        ("[]", "there is no message in it"),
        ('[{"content": "a"}]', "message 1 has no _type"),
        ('["a"]', "message 1 has no _type"),
        ('[{"content": "a", "_type": "aimesage"}]', "has the _type aimesage; did you mean aimessage?"),
        ('[{"content": null, "_type": "aimessage"}]', "message 1 has no text as its content"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_conversation_is_refused_with_file_and_message(tmp_path, content, words):
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(RequestError) as caught:
        load_conversation(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("one.json", MESSAGES),
        ("one.json", {"messages": MESSAGES, "licence": "MIT"}),
        ("one.json", {"conversations": [{"from": m["role"], "value": m["content"]} for m in MESSAGES]}),
        ("several.json", [{"messages": MESSAGES}, {"messages": MESSAGES}]),
    ],
)
def test_conversations_are_found_in_files_of_every_form(tmp_path, name, value):
    path = tmp_path / name
    path.write_text(json.dumps(value, indent=2))
    found = list(conversations_in(path))
    assert [item.messages for item in found] == [MESSAGES] * (2 if name == "several.json" else 1)
    assert found[0].place.startswith(str(path))


def test_rows_say_who_answered_as_source_and_broken_ones_are_named_with_their_line(tmp_path):
    path = tmp_path / "rows.jsonl"
    row = {
        "conversations": [{"from": "human", "value": "?"}, {"from": "gpt", "value": "!"}],
        "source": "m",
        "id": 7,
    }
    path.write_text("\n".join([json.dumps(row), "{", json.dumps({"text": "a"}), json.dumps(row)]))
    first, broken, strange, last = conversations_in(path)
    assert (first.place, first.about) == (f"{path}:1", {"model": "m", "id": 7})
    assert last.place == f"{path}:4"
    assert isinstance(broken, Problem) and broken.sentence.startswith(f"{path}:2: not JSON")
    assert (
        strange.sentence
        == f"{path}:3: no conversation; write it as a list under `messages` or `conversations`"
    )
