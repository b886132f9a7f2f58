"""What the `datasets:` of a configuration become."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.rows.encoding import Conversation
from slingshot.training.rows.sources import load_sources, prompt_of, split_rows

ASKED = {"role": "user", "content": "Add."}
ANSWERED = {"role": "assistant", "content": "a + b"}


def write_rows(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def load(folder, *entries, **settings):
    return load_sources(TrainingConfig(datasets=list(entries), **settings), folder)


def one(folder, row, **entry):
    """The only row of a file with `row` in it."""
    write_rows(folder / "rows.jsonl", row)
    sources = load(folder, {"path": "rows.jsonl", **entry})
    assert sources.problems == []
    return sources.rows[0]


def problem(folder, row, **entry):
    """The only problem with a file that has a good row and then `row`."""
    write_rows(folder / "rows.jsonl", {"messages": [ASKED, ANSWERED]}, row)
    sources = load(folder, {"path": "rows.jsonl", **entry})
    assert len(sources.rows) == 1
    (sentence,) = sources.problems
    return sentence.removeprefix(str(folder))


# Types of rows.


def test_messages_are_learned_where_the_assistant_speaks(tmp_path):
    row = one(tmp_path, {"messages": [ASKED, ANSWERED, ASKED, ANSWERED]})
    assert row.messages == (ASKED, ANSWERED, ASKED, ANSWERED)
    assert row.learned == (False, True, False, True)


def test_the_form_of_2024_and_the_modern_form_with_its_field_names_give_the_same(tmp_path):
    fields = {
        "conversations": [
            {"from": "system", "value": "Julia."},
            {"from": "human", "value": "Add."},
            {"from": "gpt", "value": "a + b"},
        ]
    }
    modern = {
        "type": "chat_template",
        "field_messages": "conversations",
        "message_property_mappings": {"role": "from", "content": "value"},
    }
    old = one(tmp_path, fields, type="sharegpt")
    assert old == one(tmp_path, fields, **modern)
    assert [message["role"] for message in old.messages] == ["system", "user", "assistant"]


def test_roles_have_other_names_where_the_entry_says_so(tmp_path):
    turns = [{"role": "asker", "content": "Add."}, {"role": "bot", "content": "a + b"}]
    roles = {"user": ["asker"], "assistant": ["bot"]}
    row = one(tmp_path, {"messages": turns}, roles=roles, roles_to_train=["bot", "user"])
    assert row.messages == (ASKED, ANSWERED)
    assert row.learned == (True, True)


def test_a_turn_can_say_itself_whether_it_is_learned(tmp_path):
    wrong = {**ANSWERED, "training": False}
    row = one(tmp_path, {"messages": [ASKED, wrong, ASKED, ANSWERED]}, message_field_training="training")
    assert row.learned == (False, False, False, True)


def test_system_messages_can_be_left_out(tmp_path):
    told = {"role": "system", "content": "Julia."}
    assert one(tmp_path, {"messages": [told, ASKED, ANSWERED]}, drop_system_message=True).messages == (
        ASKED,
        ANSWERED,
    )


def test_alpaca_rows_have_the_prompt_of_that_format(tmp_path):
    row = {"instruction": "Add {input}.", "input": "", "output": "a + b"}
    assert one(tmp_path, row, type="alpaca").pieces == (
        (
            "Below is an instruction that describes a task. Write a response that appropriately completes the "
            "request.\n\n### Instruction:\nAdd {input}.\n\n### Response:\n",
            False,
        ),
        ("a + b", True),
    )
    with_input = one(tmp_path, row | {"input": "1, 2"}, type="alpaca").pieces[0][0]
    assert with_input.endswith("### Instruction:\nAdd {input}.\n\n### Input:\n1, 2\n\n### Response:\n")


def test_a_prompt_format_of_ones_own_is_filled_in_one_pass(tmp_path):
    style = {"format": "Q: {instruction} ({input}) A: ", "field_instruction": "q", "field_output": "a"}
    row = one(tmp_path, {"q": "{input}?", "input": "x", "a": "y"}, type=style)
    assert row.pieces == (("Q: {input}? (x) A: ", False), ("y", True))


def test_completions_are_learned_whole_and_segments_by_their_labels(tmp_path):
    row = one(tmp_path, {"code": "x = 1"}, type="completion", field="code")
    assert (row.pieces, row.closed) == ((("x = 1", True),), True)
    segments = [{"label": False, "text": "<s>Q"}, {"label": True, "text": "A</s>"}]
    row = one(tmp_path, {"segments": segments}, type="input_output")
    assert (row.pieces, row.closed) == ((("<s>Q", False), ("A</s>", True)), False)


def test_train_on_inputs_learns_prompts_too(tmp_path):
    write_rows(tmp_path / "chat.jsonl", {"messages": [ASKED, ANSWERED]})
    write_rows(tmp_path / "alpaca.jsonl", {"instruction": "Add.", "output": "a + b"})
    entries = {"path": "chat.jsonl"}, {"path": "alpaca.jsonl", "type": "alpaca"}
    chat, alpaca = load(tmp_path, *entries, train_on_inputs=True).rows
    assert chat.everything
    assert [learned for _, learned in alpaca.pieces] == [True, True]


def test_an_unknown_type_is_refused_with_a_suggestion(tmp_path):
    write_rows(tmp_path / "rows.jsonl", {})
    with pytest.raises(RequestError, match="type alpacca is unknown; did you mean alpaca?"):
        load(tmp_path, {"path": "rows.jsonl", "type": "alpacca"})


# What is wrong with a row.


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            {"messages": [{"role": "usr", "content": "Q"}]},
            "turn 1: the role 'usr' is unknown; did you mean user?",
        ),
        ({"messages": [ASKED, {"role": "assistant"}]}, "turn 2: content is missing; mend the row, or say"),
        (
            {"messages": [ASKED, {"role": "assistant", "content": None}]},
            "turn 2: content is NoneType, no text",
        ),
        ({"messages": [ASKED]}, "no turn of this row is learned; remove it"),
        ({"messages": []}, "the field messages is missing or of the wrong kind; there are: messages"),
        (
            {"conversations": []},
            "the field messages is missing or of the wrong kind; there are: conversations",
        ),
        ([1], "a row is a JSON object"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_are_kept(tmp_path, row, sentence):
    assert problem(tmp_path, row).startswith(f"/rows.jsonl:2: {sentence}")


def test_a_label_that_is_no_truth_value_is_refused(tmp_path):
    row = {"messages": [ASKED, {**ANSWERED, "training": "no"}]}
    assert "turn 2: training is 'no'; write true or false" in problem(
        tmp_path, row, message_field_training="training"
    )


def test_a_role_to_train_that_no_row_has_is_told(tmp_path):
    write_rows(tmp_path / "rows.jsonl", {"messages": [ASKED, ANSWERED]})
    sources = load(tmp_path, {"path": "rows.jsonl", "roles_to_train": ["assistant", "tool"]})
    assert sources.problems == [
        "rows.jsonl: roles_to_train names tool, which no row has; there are: assistant, user"
    ]


def test_bytes_that_are_no_utf8_and_lines_that_are_no_json_are_named(tmp_path):
    good = json.dumps({"messages": [ASKED, ANSWERED]}).encode()
    (tmp_path / "rows.jsonl").write_bytes(good + b'\n{"messages": "\xff"}\n{\n' + good)
    sources = load(tmp_path, {"path": "rows.jsonl"})
    assert len(sources.rows) == 2
    assert ["rows.jsonl:2: not UTF-8" in sources.problems[0], "rows.jsonl:3: not JSON" in sources.problems[1]]


# Files and folders.


def test_rows_come_from_arrays_tables_and_folders_too(tmp_path):
    import polars as pl

    rows = [{"instruction": f"Q{number}", "input": "", "output": "A"} for number in range(4)]
    (tmp_path / "array.json").write_text(json.dumps(rows))
    frame = pl.DataFrame(rows)
    frame.write_parquet(tmp_path / "table.parquet")
    frame.write_csv(tmp_path / "table.csv")
    (tmp_path / "hub" / "data").mkdir(parents=True)
    frame[:1].write_parquet(tmp_path / "hub" / "data" / "train-00000-of-00002.parquet")
    frame[1:].write_parquet(tmp_path / "hub" / "data" / "train-00001-of-00002.parquet")
    frame.write_parquet(tmp_path / "hub" / "data" / "test-00000-of-00001.parquet")
    (tmp_path / "saved").mkdir()
    frame.write_ipc_stream(tmp_path / "saved" / "data-00000-of-00001.arrow")

    def prompts(path, **entry):
        found = load(tmp_path, {"path": path, "type": "alpaca", **entry}).rows
        return [row.pieces[0][0].split("\n")[3] for row in found]

    for path in ("array.json", "table.parquet", "table.csv", "hub", "saved"):
        assert prompts(path) == ["Q0", "Q1", "Q2", "Q3"], path
    assert prompts("hub", split="train[:50%]") == ["Q0", "Q1"]
    assert prompts("hub", split="test[-1:]") == ["Q3"]
    assert prompts("hub", data_files="data/train-00000*") == ["Q0"]
    with pytest.raises(
        RequestError, match=r"no file of the split dev in this folder, only test-00000-of-00001"
    ):
        prompts("hub", split="dev")


def test_an_arrow_folder_of_the_package_datasets_is_read(tmp_path):
    datasets = pytest.importorskip("datasets")
    datasets.Dataset.from_list([{"text": "a"}, {"text": "b"}]).save_to_disk(str(tmp_path / "saved"))
    rows = load(tmp_path, {"path": "saved", "type": "completion"}).rows
    assert [row.pieces for row in rows] == [(("a", True),), (("b", True),)]


def test_a_path_that_leads_nowhere_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"datasets: \./rows.jsonl: there is no such file or folder"):
        load(tmp_path, {"path": "./rows.jsonl"})
    with pytest.raises(RequestError, match="data_files names it and it is not there"):
        load(tmp_path, {"path": str(tmp_path), "data_files": "rows.jsonl"})


# Validation.


def test_validation_rows_never_share_a_prompt_with_training_rows(tmp_path):
    rows = [{"messages": [{"role": "user", "content": f"Q{n // 3}"}, ANSWERED]} for n in range(30)]
    write_rows(tmp_path / "rows.jsonl", *rows)
    sources = load(tmp_path, {"path": "rows.jsonl"}, val_set_size=0.1)
    assert (len(sources.rows), len(sources.validation_rows)) == (27, 3)
    assert not {prompt_of(row) for row in sources.rows} & {prompt_of(row) for row in sources.validation_rows}
    assert sources.notes[0].startswith("val_set_size 0.1 keeps 3 of 30 rows for validation")
    assert sources == load(tmp_path, {"path": "rows.jsonl"}, val_set_size=0.1)


def test_rows_of_one_test_case_stay_together_whatever_they_ask(tmp_path):
    rows = [
        {"test_case": f"case{n % 3}", "messages": [{"role": "user", "content": f"Q{n}"}, ANSWERED]}
        for n in range(12)
    ]
    write_rows(tmp_path / "rows.jsonl", *rows)
    sources = load(tmp_path, {"path": "rows.jsonl"}, val_set_size=2)
    assert len(sources.validation_rows) == 4
    assert len({int(prompt_of(row).split("Q")[1].split('"')[0]) % 3 for row in sources.validation_rows}) == 1


def a_row(number, prompt):
    turns = ({"role": "user", "content": prompt}, ANSWERED)
    return Conversation(f"row {number}", turns, (False, True))


@given(
    st.lists(st.sampled_from("abcdef"), min_size=2, max_size=40).filter(lambda asked: len(set(asked)) > 1),
    st.one_of(st.floats(0.01, 0.99), st.integers(1, 30)),
    st.integers(0, 5),
)
def test_every_row_is_on_exactly_one_side_and_neither_is_empty(asked, size, seed):
    rows = [a_row(number, prompt) for number, prompt in enumerate(asked)]
    training, validation = split_rows(rows, size, seed)
    assert training
    assert validation
    assert sorted(row.place for row in [*training, *validation]) == sorted(row.place for row in rows)
    assert not {prompt_of(row) for row in training} & {prompt_of(row) for row in validation}


def test_rows_of_one_prompt_cannot_be_divided():
    with pytest.raises(RequestError, match="val_set_size: all rows have one prompt or test case"):
        split_rows([a_row(1, "a"), a_row(2, "a")], 0.5, 1)


def test_a_dataset_folder_of_our_own_brings_its_validation_rows(tmp_path):
    folder = tmp_path / "dataset"
    write_rows(folder / "train.jsonl", {"messages": [ASKED, ANSWERED]})
    write_rows(folder / "validation.jsonl", {"messages": [{**ASKED, "content": "Other."}, ANSWERED]})
    (folder / "dataset.json").write_text("{}")
    sources = load(tmp_path, {"path": "dataset"}, val_set_size=0.5)
    assert (len(sources.rows), len(sources.validation_rows)) == (1, 1)
    assert "val_set_size is set aside" in sources.notes[0]


def test_prompts_that_are_trained_on_are_found_in_test_datasets(tmp_path):
    write_rows(tmp_path / "train.jsonl", {"messages": [ASKED, ANSWERED]})
    write_rows(tmp_path / "test.jsonl", {"messages": [ASKED, {**ANSWERED, "content": "b + a"}]})
    sources = load(tmp_path, {"path": "train.jsonl"}, test_datasets=[{"path": "test.jsonl"}])
    assert "test.jsonl:1: 1 validation rows have prompts that are trained on" in sources.problems[0]
