"""Dataset files: rows in two forms, one a line or in an array, and what can be wrong with a row."""

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.dataset import Row, read_rows
from slingshot.dataset.files import MOST_CHARACTERS, check_messages
from slingshot.dataset.json_files import Record, records
from slingshot.errors import RequestError

SHAREGPT = {
    "conversations": [
        {"from": "system", "value": "Be helpful."},
        {"from": "human", "value": "Double."},
        {"from": "gpt", "value": "2x"},
    ]
}
OPENAI = {
    "messages": [
        {"role": "system", "content": "Be helpful."},
        {"role": "user", "content": "Double."},
        {"role": "assistant", "content": "2x"},
    ]
}


def write_lines(folder: Path, *lines: object) -> Path:
    path = folder / "train.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def talk(*turns):
    """Messages from words such as `user: Double.`; a turn without a role is the answer's."""
    parts = [turn.split(": ", 1) if ": " in turn else ("assistant", turn) for turn in turns]
    return [{"role": role, "content": content} for role, content in parts]


@pytest.mark.parametrize("form", [SHAREGPT, OPENAI], ids=["ShareGPT", "OpenAI"])
def test_both_forms_say_the_same(tmp_path, form):
    assert read_rows(write_lines(tmp_path, form)) == [Row(OPENAI["messages"])]


def test_where_a_row_comes_from_is_read(tmp_path):
    beyond = {"test_case": "double", "prompt_label": "InJulia", "source": "m", "licence": "MIT"}
    (row,) = read_rows(write_lines(tmp_path, SHAREGPT | beyond))
    assert (row.test_case, row.prompt_label, row.source, row.licence) == ("double", "InJulia", "m", "MIT")
    assert row.answer == "2x"


def test_a_row_is_written_in_sharegpt_form():
    row = Row(OPENAI["messages"], "double", "InJulia", "m")
    beyond = {"test_case": "double", "prompt_label": "InJulia", "source": "m"}
    assert json.loads(row.to_json()) == SHAREGPT | beyond
    assert "\n" not in row.to_json()


def test_what_nobody_here_knows_is_kept(tmp_path):
    strange = {"id": 7, "weight": [1, None], "test_case": {"not": "a name"}}
    turns = [*SHAREGPT["conversations"][:2], {"from": "gpt", "value": "2x", "name": "M", "train": False}]
    (row,) = read_rows(write_lines(tmp_path, {"conversations": turns} | strange))
    assert row.test_case == ""
    assert row.beyond == strange
    assert row.messages[-1] == {"role": "assistant", "content": "2x", "name": "M", "train": False}
    assert json.loads(row.to_json()) == {"prompt_label": "", "source": "", "conversations": turns} | strange


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("human", "user"),
        ("gpt", "assistant"),
        ("model", "assistant"),
        ("function", "tool"),
        ("observation", "tool"),
    ],
)
def test_a_role_may_have_any_of_its_usual_names(tmp_path, word, role):
    asked = talk("user: Double.", "I ask.", "tool: 2", "2x")
    turns = [m | {"role": word} if m["role"] == role else m for m in asked]
    assert read_rows(write_lines(tmp_path, {"messages": turns}))[0].messages == asked


def test_an_answer_that_only_calls_tools_is_no_empty_answer(tmp_path):
    call = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    messages = [*talk("user: Double."), call, *talk("tool: 2", "2x")]
    (row,) = read_rows(write_lines(tmp_path, {"messages": messages}))
    assert row.messages[1] == call | {"content": ""}


texts = st.text(min_size=1).map(lambda text: f"x{text}") | st.sampled_from(
    ["\u2028", "x\x85\x0b\x0c\x1c", "a\r\nb\nc", "${x}", '"\\"', "ü 😀", "half \ud83d of it", "nul \0"]
).map(lambda text: f"{text}.")


@given(st.lists(st.tuples(texts, texts, st.text()), max_size=4))
@settings(deadline=None, max_examples=50)
def test_rows_are_read_as_they_were_written(made):
    rows = [
        Row([{"role": "user", "content": question}, {"role": "assistant", "content": answer}], source=source)
        for question, answer, source in made
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.jsonl"
        path.write_text("".join(row.to_json() + "\n" for row in rows), newline="")
        assert read_rows(path) == rows


def test_empty_lines_are_passed_over_and_an_empty_file_has_no_rows(tmp_path):
    assert len(read_rows(write_lines(tmp_path, SHAREGPT, "", "  ", OPENAI))) == 2
    assert read_rows(write_lines(tmp_path)) == []


def test_a_mark_of_the_byte_order_and_windows_line_ends_say_nothing(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([json.dumps(OPENAI).encode()] * 2))
    assert read_rows(path) == [Row(OPENAI["messages"])] * 2


@given(st.lists(st.recursive(st.none() | st.integers() | st.text(), st.lists)), st.sampled_from([None, 0, 3]))
@settings(deadline=None, max_examples=50)
def test_an_array_holds_the_same_as_lines_do(values, indent):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.json"
        path.write_text(json.dumps(values, indent=indent))
        assert [item.value for item in records(path) if isinstance(item, Record)] == values


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        ('{"messages": [', "not JSON"),
        ('{"messages": NaN}', "not JSON (NaN is no number"),
        ('{"weight": 1e999}', "not JSON (1e999 is no number"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no object with a list of messages under `conversations`"),
        ("3", "no object with"),
        ("null", "no object with"),
        ('"messages"', "no object with"),
        ({}, "no object with"),
        ({"messages": []}, "it holds no message"),
        ({"conversations": []}, "it holds no message"),
        ({"messages": "hello"}, "no object with a list of messages under `messages`"),
        ({"messages": [3]}, "message 1 is no object"),
        ({"messages": [{"role": "assistant"}]}, "message 1 holds nothing under `content`"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "message 1 holds a list under"),
        ({"messages": [{"role": "asistant", "content": "x"}]}, "role asistant; did you mean assistant?"),
        (
            {"conversations": [{"from": "robot", "value": "x"}]},
            "the unknown role robot; there are: assistant, ",
        ),
        ({"messages": [{"role": "\x1b[2J" * 99, "content": "x"}]}, r"the unknown role '\x1b[2J\x1b[2J"),
        ({"conversations": [{"value": "x"}]}, "message 1 names no role under `from`"),
        ({"conversations": [{"from": "gpt", "value": "x", "role": "user"}]}, "has both `from` and `role`"),
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path, bad, fault):
    path = write_lines(tmp_path, SHAREGPT, "", bad, SHAREGPT)
    with pytest.raises(RequestError, match=f"^{re.escape(str(path))}:3: .*{re.escape(fault)}"):
        read_rows(path)


@pytest.mark.parametrize(
    ("turns", "fault"),
    [
        (["user: Double."], "the last message is not an answer"),
        (["2x"], "message 1 is an answer, and no question comes before it"),
        (["system: Be helpful.", "2x"], "message 2 is an answer, and no question"),
        (["user: Double.", "system: Be helpful.", "2x"], "message 2 is the system's, whose place is first"),
        (["user: Double.", "user: And now?", "2x"], "messages 1 and 2 are both questions"),
        (["user: Double.", "2x", "3x"], "messages 2 and 3 are both answers"),
        (["user: Double.", "tool: 2", "2x"], "message 2 is a tool's result that no answer asked for"),
        (["user: \n", "2x"], "message 1, a question, is empty"),
        (["user: Double.", "assistant:  \t"], "message 2, an answer, is empty"),
        (["user: Double.", "x" * (MOST_CHARACTERS + 1)], "message 2 has 1,000,001 characters"),
    ],
)
def test_a_conversation_that_cannot_be_learned_from_is_named(tmp_path, turns, fault):
    path = write_lines(tmp_path, SHAREGPT, {"messages": talk(*turns)})
    with pytest.raises(RequestError, match=f"^{re.escape(str(path))}:2: {re.escape(fault)}"):
        read_rows(path)


def test_rounds_of_answers_and_tools_can_be_learned_from():
    check_messages(talk("user: Double.", "I ask.", "tool: 2", "tool: 3", "2x", "user: Why?", "So."))


def test_the_second_row_of_an_id_is_named_with_the_line_of_the_first(tmp_path):
    path = write_lines(tmp_path, OPENAI, OPENAI | {"id": 1}, OPENAI | {"id": "1"}, OPENAI | {"id": 1})
    place = re.escape(str(path))
    with pytest.raises(RequestError, match=f"^{place}:4: the id 1 is that of {place}:2 already; give each"):
        read_rows(path)
    path.write_text(json.dumps([OPENAI | {"id": name} for name in ("a", "b", "a")]))
    with pytest.raises(
        RequestError, match=f"^{place}:1, row 3: the id a is that of {place}:1, row 1 already"
    ):
        read_rows(path)


def test_a_line_that_is_not_utf8_is_named_with_its_byte(tmp_path):
    path = tmp_path / "train.jsonl"
    line = json.dumps(OPENAI, ensure_ascii=False).replace("Double", "Ünder").encode()
    path.write_bytes(line + b"\n" + line.replace("Ü".encode(), b"\xdc") + b"\n")
    place = line.index("Ü".encode()) + 1
    with pytest.raises(
        RequestError, match=rf":2: not UTF-8 \(0xdc, byte {place} of the line\); save the file"
    ):
        read_rows(path)
    path.write_bytes(b"[\n" + line + b",\n" + b'{"messages":\n"' + b"\xff" + b'"}]')
    with pytest.raises(RequestError, match=r":4: not UTF-8 \(0xff, byte 2 of the line\)"):
        read_rows(path)
    path.write_text(json.dumps(OPENAI), encoding="utf-16")
    with pytest.raises(RequestError, match=":1: the file is UTF-16; save it as UTF-8"):
        read_rows(path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1}\n{"a": [1, ', ":2: the last line is cut short"),
        ('[{"a": 1},\n {"a": [1, ', ":2, row 2: the array is cut short"),
        ('[{"a": 1}\n', ":1, row 1: the array is cut short"),
        (
            '[{"a": 1}\n {"a": 2}]',
            ":1, row 1: not JSON (a comma or ] is missing after it); mend it: what",
        ),
        ('[{"a": 1},\n {"a": x}]\n', ":2, row 2: not JSON"),
        ('[{"a": 1}]\n{"a": 2}', ":2: something follows the array; remove it"),
    ],
)
def test_a_file_that_is_cut_short_gives_what_is_before_the_cut(tmp_path, text, fault):
    path = tmp_path / "data.json"
    path.write_text(text)
    first, problem = records(path)
    assert (first.line, first.value) == (1, {"a": 1})
    assert problem.sentence.startswith(f"{path}{fault}")


def test_a_missing_file_comes_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(RequestError, match=r"no such file; build it with"):
        read_rows(tmp_path / "train.jsonl")
    with pytest.raises(RequestError, match=r"could not be read: Is a directory; name a file"):
        read_rows(tmp_path)
