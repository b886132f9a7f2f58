"""Datasets in the field's formats: recognised, read, written, and what a format cannot hold."""

import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.dataset.files import Row
from slingshot.dataset.formats import FORMATS, Card, Lost, read_dataset, write_dataset
from slingshot.errors import RequestError, SlingshotError

ASKED = [{"role": "user", "content": "Double."}, {"role": "assistant", "content": "2x"}]
ROW = Row(ASKED, "double", "InJulia", "m", "MIT")
SHAREGPT = {"conversations": [{"from": "human", "value": "Double."}, {"from": "gpt", "value": "2x"}]}
ALPACA = {"instruction": "Double.", "input": "", "output": "2x"}
PROMPTING_TOOLS = [
    {"content": "Double.", "variables": ["ask"], "_type": "usermessage"},
    {"content": "2x", "status": 200, "tokens": [7, 3], "elapsed": 1.5, "_type": "aimessage"},
]


def lines(*values):
    return "".join(f"{json.dumps(value)}\n" for value in values)


# What rows may hold beside their messages, under keys that no format has for itself.
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
keys = st.text(min_size=1, max_size=6).map(lambda name: f"k{name}")
beyonds = st.dictionaries(keys, values, max_size=2)
text = st.text(max_size=20) | st.sampled_from(["\u2028", "\0", "a\r\nb", "# x\n---\ny", "😀"])
said = text.map(lambda words: f"{words}.")
halves = st.sampled_from(["\ud83d alone", "and \udc00."])
abouts = dict.fromkeys(("test_case", "prompt_label", "source", "licence"), text)


def messages(extra, content=said):
    """Conversations with or without a system message, of one round or more, some with results of tools."""

    def message(role):
        return st.builds(lambda words, more: {"role": role, "content": words, **more}, content, extra)

    asked = st.tuples(message("user"))
    with_tool = st.tuples(message("user"), message("assistant"), message("tool"))
    rounds = st.lists(
        st.tuples(asked | with_tool, st.tuples(message("assistant"))).map(lambda pair: [*pair[0], *pair[1]]),
        min_size=1,
        max_size=2,
    )
    head = st.just([]) | st.tuples(message("system")).map(list)
    return st.tuples(head, rounds).map(lambda parts: [*parts[0], *(m for turn in parts[1] for m in turn)])


def datasets(rows):
    return st.fixed_dictionaries(
        {"train": st.lists(rows, min_size=1, max_size=3)},
        optional={name: st.lists(rows, min_size=1, max_size=2) for name in ("validation", "held_out")},
    )


def there_and_back(splits, format, given=None):
    with tempfile.TemporaryDirectory() as folder:
        lost = write_dataset(splits, Path(folder) / "out", format)
        found = read_dataset(Path(folder) / "out", given, strict=True)
        assert found.format == format
        return found.splits, lost


@pytest.mark.parametrize("format", ["sharegpt", "messages", "promptingtools"])
@given(datasets(st.builds(Row, messages(beyonds, said | halves), beyond=beyonds, **abouts)))
@settings(deadline=None, max_examples=25)
def test_a_format_of_whole_conversations_holds_every_row(format, splits):
    assert there_and_back(splits, format) == (splits, [])


@given(datasets(st.builds(Row, messages(beyonds), beyond=beyonds, **abouts)))
@settings(deadline=None, max_examples=25)
def test_a_hugging_face_folder_holds_every_row(splits):
    assert there_and_back(splits, "huggingface") == (splits, [])


@given(st.lists(st.builds(Row, messages(beyonds), beyond=beyonds, **abouts), min_size=1, max_size=4))
@settings(deadline=None, max_examples=25)
def test_alpaca_holds_single_questions_and_what_it_cannot_hold_is_counted(rows):
    splits = {"train": [*rows, ROW]}
    single = [row for row in splits["train"] if sum(m["role"] != "system" for m in row.messages) == 2]
    bare = [
        replace(row, messages=[{"role": m["role"], "content": m["content"]} for m in row.messages])
        for row in single
    ]
    found, lost = there_and_back(splits, "alpaca")
    counts = {
        "whole rows that are no single question with its answer": len(splits["train"]) - len(single),
        "keys of messages beside role and text": sum(a != b for a, b in zip(single, bare, strict=True)),
    }
    assert found == {"train": bare}
    assert {loss.what: loss.rows for loss in lost} == {what: n for what, n in counts.items() if n}


@given(text, text, said, text)
@settings(deadline=None, max_examples=25)
def test_alpaca_rows_keep_their_input(instruction, given_input, output, system):
    value = {"instruction": f"{instruction}?", "input": given_input, "output": output}
    value |= {"system": system} if system else {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.jsonl"
        path.write_text(lines(value | {"id": 1}))
        read = read_dataset(path, strict=True)
        assert write_dataset(read.splits, Path(folder) / "again.jsonl", "alpaca") == []
        about = {"test_case": "", "prompt_label": "", "source": ""}
        assert json.loads((Path(folder) / "again.jsonl").read_text()) == value | about | {"id": 1}


def test_alpaca_instruction_and_input_are_one_question_after_earlier_turns(tmp_path):
    path = tmp_path / "data.json"
    asked = {"instruction": "Double.", "input": "x = 2", "output": "4", "system": "Be helpful."}
    path.write_text(json.dumps([asked | {"history": [["Hello.", "Hello!"]]}]))
    (row,) = read_dataset(path).splits["train"]
    assert [(m["role"], m["content"]) for m in row.messages] == [
        ("system", "Be helpful."),
        ("user", "Hello."),
        ("assistant", "Hello!"),
        ("user", "Double.\n\nx = 2"),
        ("assistant", "4"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("train.jsonl", lines(SHAREGPT), "sharegpt"),
        ("train.json", json.dumps([SHAREGPT], indent=1), "sharegpt"),
        ("data.jsonl", lines({}, {"messages": ASKED}), "messages"),
        ("data.json", json.dumps([ALPACA]), "alpaca"),
        ("data.json", lines(ALPACA), "alpaca"),
        ("conversation.json", json.dumps(PROMPTING_TOOLS), "promptingtools"),
    ],
)
@pytest.mark.parametrize("named", ["file", "folder"])
def test_the_format_is_recognised_by_what_a_file_holds(tmp_path, name, content, format, named):
    (tmp_path / name).write_text(content)
    found = read_dataset(tmp_path / name if named == "file" else tmp_path)
    assert found.format == format
    ((split, (row,)),) = found.splits.items()
    assert (split, row.answer) == ("train", "2x")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            lines(SHAREGPT | {"messages": ASKED}),
            ":1: a row of several formats (sharegpt and messages); say which",
        ),
        (
            lines({"prompt": "x", "text": "y"}),
            ":1: a row of no known format: it has prompt, text, and not conv",
        ),
        ("x", ":1: not JSON"),
        ("", ": there is no row in it"),
    ],
)
def test_a_file_of_no_or_of_several_formats_is_refused(tmp_path, content, fault):
    path = tmp_path / "data.jsonl"
    path.write_text(content)
    with pytest.raises(RequestError, match=f"^{re.escape(str(path))}{re.escape(fault)}"):
        read_dataset(path)


def test_a_format_that_is_given_settles_what_several_could_be(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text(lines(SHAREGPT | {"messages": ASKED}))
    (row,) = read_dataset(path, "sharegpt").splits["train"]
    assert row == Row(ASKED, beyond={"messages": ASKED})
    lost = write_dataset({"train": [row]}, tmp_path / "out", "messages")
    what = "keys of rows that mean something else in this format"
    assert lost == [Lost(what, 1, "train row 1: messages")]
    with pytest.raises(RequestError, match="sharegtp is no format of datasets; did you mean sharegpt"):
        read_dataset(path, "sharegtp")


def test_rows_with_problems_are_left_out_by_name_or_stop_the_reading(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text(
        lines(SHAREGPT, {"conversations": []}, SHAREGPT, {"messages": ASKED}) + '{"conversations": ['
    )
    found = read_dataset(path)
    assert found.splits == {"train": [Row(ASKED)] * 2}
    assert [problem.sentence.split(" (")[0] for problem in found.problems] == [
        f"{path}:2: it holds no message; mend or remove the row",
        f"{path}:4: no object with a list of messages under `conversations`; mend or remove the row",
        f"{path}:5: the last line is cut short",
    ]
    with pytest.raises(SlingshotError, match=f"^{re.escape(str(path))}:2: it holds no message") as raised:
        read_dataset(path, strict=True)
    assert raised.value.exit_code == 1


# Values near to rows, in which anything may stand in the place of anything.
words = st.sampled_from(["user", "gpt", "system", "tool", "2x", "", "usermessage", "aimessage"])
things = st.none() | st.integers() | words | st.lists(words, max_size=2)
turn_keys = st.sampled_from(["from", "value", "role", "content", "_type", "slingshot", "tool_calls"])
extras = st.dictionaries(turn_keys, things, max_size=4)
pairs = [ASKED, SHAREGPT["conversations"], PROMPTING_TOOLS]
turns = st.lists(extras | things, max_size=3) | st.tuples(st.sampled_from(pairs), extras).map(
    lambda made: [made[0][0], made[0][1] | made[1]]
)
row_keys = st.sampled_from(
    ["conversations", "messages", *ALPACA, "system", "history", "id", "test_case", "row"]
)
near_rows = st.dictionaries(row_keys, things | turns, max_size=5) | turns


@pytest.mark.parametrize("format", FORMATS)
@given(st.lists(near_rows, max_size=4), st.binary(max_size=30), st.sampled_from(["data.jsonl", "data.json"]))
@settings(deadline=None, max_examples=40)
def test_whatever_a_file_holds_is_a_row_or_a_problem(format, found, tail, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(lines(*found).encode() + tail)
        try:
            read = read_dataset(path, format)
        except RequestError as error:
            assert format == "huggingface"  # of which a file says nothing, so that its shape has to be seen
            assert str(error).startswith(str(path))
            return
        assert all(problem.sentence.startswith(f"{path}:") for problem in read.problems)
        rows = read.splits["train"]
        if rows:
            again, lost = there_and_back({"train": rows}, "sharegpt", "sharegpt")
            assert lost or again == {"train": rows}


def test_a_recording_says_what_was_asked_and_who_answered(tmp_path):
    folder = tmp_path / "double" / "lab" / "m"
    folder.mkdir(parents=True)
    unjudged, judged = "InJulia__1SHOT__20240101_000000__100.json", "AsIs__1SHOT__20240101_000000__100.json"
    for name in (unjudged, judged):
        (folder / f"conversation__{name}").write_text(json.dumps(PROMPTING_TOOLS))
    said = {"name": "double_it", "prompt_label": "AsIs", "model": "m--lab"}
    (folder / f"evaluation__{judged}").write_text(json.dumps(said))
    rows = read_dataset(tmp_path, strict=True).splits["train"]
    assert [(row.test_case, row.prompt_label, row.source) for row in rows] == [
        ("double_it", "AsIs", "m--lab"),
        ("double", "InJulia", "lab/m"),
    ]
    assert rows[0].messages == [
        ASKED[0] | {"variables": ["ask"]},
        ASKED[1] | {"tokens": [7, 3], "elapsed": 1.5},
    ]
    assert write_dataset({"train": rows[:1]}, tmp_path / "one.json", "promptingtools") == []
    again = json.loads((tmp_path / "one.json").read_text())
    about = {"test_case": "double_it", "prompt_label": "AsIs", "source": "m--lab"}
    assert again[-1].pop("slingshot") == {"row": about}
    assert again == PROMPTING_TOOLS


def test_recorded_answers_of_the_leaderboard_are_read_and_written_again(leaderboard, tmp_path):
    folder = leaderboard / "utility_functions" / "ispersonal"
    found = read_dataset(folder)
    (rows,) = found.splits.values()
    files = list(folder.rglob("conversation__*.json"))
    assert len(rows) + len(found.problems) == len(files) > 1000
    assert {row.test_case for row in rows} == {"ispersonal"}
    write_dataset({"train": rows}, tmp_path / "train.jsonl", "sharegpt")
    assert read_dataset(tmp_path / "train.jsonl", strict=True).splits["train"] == rows


def test_a_name_with_an_ending_is_a_file(tmp_path):
    lost = write_dataset(
        {"train": [ROW], "held_out": []}, tmp_path / "rows.json", "messages", Card(text="# x")
    )
    assert [(loss.what, loss.example) for loss in lost] == [
        ("splits without rows", "held_out"),
        ("what README.md says", "README.md"),
    ]
    (value,) = json.loads((tmp_path / "rows.json").read_text())
    assert value["messages"] == ASKED
    with pytest.raises(
        RequestError, match="one file cannot hold 2 splits \\(train, held_out\\); name a folder"
    ):
        write_dataset({"train": [ROW], "held_out": [ROW]}, tmp_path / "rows.jsonl", "sharegpt")
    with pytest.raises(RequestError, match="is one conversation in .json; name a folder"):
        write_dataset({"train": [ROW, ROW]}, tmp_path / "rows.json", "promptingtools")


def test_only_a_dataset_s_folder_is_replaced(tmp_path):
    out = tmp_path / "out"
    for format in FORMATS:  # each replaces what the one before wrote
        write_dataset({"train": [ROW]}, out, format)
        assert read_dataset(out).format == format
    (out / "notes.txt").write_text("mine")
    with pytest.raises(
        RequestError, match="is not empty and holds notes.txt, as no dataset does; name another"
    ):
        write_dataset({"train": [ROW]}, out, "sharegpt")
    with pytest.raises(RequestError, match="there is a file of this name"):
        write_dataset({"train": [ROW]}, out / "notes.txt", "sharegpt")
    assert (out / "notes.txt").read_text() == "mine"


def test_a_format_that_can_hold_no_row_writes_nothing(tmp_path):
    with pytest.raises(SlingshotError, match="there is no row that alpaca can hold; nothing was written"):
        write_dataset({"train": [Row(ASKED + ASKED)]}, tmp_path / "out", "alpaca")
    assert list(tmp_path.iterdir()) == []


def test_splits_of_other_names_are_hugging_face_s_own(tmp_path):
    splits = {"train_sft": [ROW], "test": [ROW]}
    with pytest.raises(RequestError, match="two splits would be called test; make one of them"):
        write_dataset({"held_out": [ROW], "test": [ROW]}, tmp_path / "hub", "huggingface")
    write_dataset(splits, tmp_path / "hub", "huggingface")
    assert set(read_dataset(tmp_path / "hub").splits) == {"train_sft", "held_out"}
    with pytest.raises(
        RequestError, match="the split train_sft is none of train, validation, held_out; only"
    ):
        write_dataset(splits, tmp_path / "out", "sharegpt")


def test_a_folder_of_files_with_strange_names_asks_for_one_of_them(tmp_path):
    (empty := tmp_path / "empty").mkdir()
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(lines(SHAREGPT))
    with pytest.raises(RequestError, match="no file is called after a split.*name one of a.jsonl, b.jsonl"):
        read_dataset(tmp_path)
    with pytest.raises(RequestError, match="no dataset; looked for train.jsonl"):
        read_dataset(empty)
    with pytest.raises(RequestError, match="there is no such file or folder"):
        read_dataset(tmp_path / "nowhere")
