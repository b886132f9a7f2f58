"""Dataset files: a row a line, in either of two forms."""

import json
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.dataset import Row, read_rows
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


@pytest.mark.parametrize("form", [SHAREGPT, OPENAI], ids=["ShareGPT", "OpenAI"])
def test_both_forms_say_the_same(tmp_path, form):
    assert read_rows(write_lines(tmp_path, form)) == [Row(OPENAI["messages"])]


def test_where_a_row_comes_from_is_read(tmp_path):
    beyond = {"test_case": "double", "prompt_label": "InJulia", "source": "m"}
    (row,) = read_rows(write_lines(tmp_path, SHAREGPT | beyond))
    assert (row.test_case, row.prompt_label, row.source) == ("double", "InJulia", "m")
    assert row.answer == "2x"


def test_a_row_is_written_in_sharegpt_form():
    row = Row(OPENAI["messages"], "double", "InJulia", "m")
    beyond = {"test_case": "double", "prompt_label": "InJulia", "source": "m"}
    assert json.loads(row.to_json()) == SHAREGPT | beyond
    assert "\n" not in row.to_json()


texts = st.text() | st.sampled_from(["\u2028", "\x85\x0b\x0c\x1c", "a\r\nb\nc", "${x}", '"\\"', "ü 😀"])


@given(st.lists(st.tuples(texts, texts, texts), max_size=4))
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


@pytest.mark.parametrize(
    "bad",
    [
        '{"messages": [',
        "[]",
        "3",
        "null",
        '"messages"',
        {},
        {"messages": []},
        {"conversations": []},
        {"messages": [{"role": "assistant"}]},
        {"messages": "hello"},
        {"messages": None},
        {"conversations": [{"from": "robot", "value": "x"}]},
        {"conversations": [{"value": "x"}]},
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path, bad):
    path = write_lines(tmp_path, SHAREGPT, "", bad, SHAREGPT)
    with pytest.raises(RequestError, match=f"^{re.escape(str(path))}:3: not a row in ShareGPT form"):
        read_rows(path)


def test_a_row_without_an_answer_is_named(tmp_path):
    path = write_lines(tmp_path, SHAREGPT, {"messages": OPENAI["messages"][:2]})
    with pytest.raises(RequestError, match=f"^{re.escape(str(path))}:2: the last message is not an answer"):
        read_rows(path)


def test_a_missing_file_comes_with_the_command_that_makes_it(tmp_path):
    with pytest.raises(RequestError, match=r"no such file; build it with"):
        read_rows(tmp_path / "train.jsonl")
