"""Hugging Face dataset folders: their heads, cards, Parquet, and the field's own loader."""

import json
from dataclasses import replace

import polars as pl
import pytest
import yaml

from slingshot.dataset.files import Row
from slingshot.dataset.formats import Card, Lost, read_dataset, write_dataset
from slingshot.errors import RequestError

ASKED = [{"role": "user", "content": "Double."}, {"role": "assistant", "content": "2x"}]
ROW = Row(ASKED, "double", "InJulia", "m", "MIT")
SHAREGPT = {"conversations": [{"from": "human", "value": "Double."}, {"from": "gpt", "value": "2x"}]}


def lines(*values):
    return "".join(f"{json.dumps(value)}\n" for value in values)


HUB_HEAD = {
    "license": "apache-2.0",
    "tags": ["julia"],
    "configs": [
        {"config_name": "other", "data_files": "nowhere.jsonl"},
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": ["data/train-*.parquet"]},
                {"split": "test", "path": "data/test.jsonl"},
            ],
        },
    ],
}


def hub_folder(folder):
    """A Hugging Face folder with Parquet, a head, and a file that no config names."""
    (folder / "data").mkdir(parents=True)
    rows = [{"messages": ASKED, "id": 1}, {"messages": [ASKED[0] | {"name": "M"}, ASKED[1]], "id": None}]
    for number, row in enumerate(rows):
        pl.DataFrame([row]).write_parquet(folder / "data" / f"train-0000{number}-of-00002.parquet")
    (folder / "data" / "test.jsonl").write_text(lines({"messages": ASKED}))
    (folder / "notes.txt").write_text("x")
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump(HUB_HEAD)}---\n# Doubling\n")
    return folder


@pytest.mark.parametrize("configs", [True, False])
def test_a_hugging_face_folder_is_read_with_or_without_a_head(tmp_path, configs):
    folder = hub_folder(tmp_path)
    if not configs:
        (folder / "README.md").unlink()
    found = read_dataset(folder, strict=True)
    named = [ASKED[0] | {"name": "M"}, ASKED[1]]
    assert found.splits == {"train": [Row(ASKED, beyond={"id": 1}), Row(named)], "held_out": [Row(ASKED)]}
    assert (found.format, found.left) == ("huggingface", ["notes.txt"])
    assert found.card == (Card(HUB_HEAD, "# Doubling\n") if configs else Card())


def test_what_a_card_says_of_licence_and_topic_goes_along(tmp_path):
    found = read_dataset(hub_folder(tmp_path / "hub"))
    write_dataset(found.splits, tmp_path / "ours", "sharegpt", found.card)
    ours = read_dataset(tmp_path / "ours", strict=True)
    assert ours.splits == found.splits
    assert ours.card == Card({"license": "apache-2.0", "tags": ["julia"]}, "# Doubling\n")
    facts = {"slingshot": "0.1", "rows": 3}
    (tmp_path / "ours" / "dataset.json").write_text(json.dumps(facts))
    ours = read_dataset(tmp_path / "ours")
    assert ours.format == "sharegpt"
    assert write_dataset(ours.splits, tmp_path / "again", "huggingface", ours.card) == []
    card = read_dataset(tmp_path / "again").card
    assert (card.text, card.facts) == ("# Doubling\n", facts)
    assert {key: card.head[key] for key in ("license", "tags", "task_categories", "size_categories")} == {
        "license": "apache-2.0",
        "tags": ["julia"],
        "task_categories": ["text-generation"],
        "size_categories": ["n<1K"],
    }
    lost = write_dataset(ours.splits, tmp_path / "third", "messages", ours.card)
    assert lost == [Lost("what dataset.json says", 0, "dataset.json")]


@pytest.mark.parametrize(
    ("licences", "head"),
    [
        (["MIT", "MIT"], {"license": "mit"}),
        (["", ""], {"license": "unknown"}),
        (["MIT", ""], {"license": "other", "license_details": "unknown (1), MIT (1)"}),
    ],
)
def test_without_a_card_the_licence_is_what_rows_say(tmp_path, licences, head):
    rows = [replace(ROW, licence=licence) for licence in licences]
    write_dataset({"train": rows}, tmp_path / "out", "huggingface")
    card = read_dataset(tmp_path / "out").card
    assert {key: value for key, value in card.head.items() if key.startswith("license")} == head
    assert "| train | 2 |" in card.text
    assert "Test cases: double (2)." in card.text


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        (
            "configs: [{config_name: a}, {config_name: b}]",
            r"several configs and no default \(a, b\); name the file",
        ),
        ("configs: [{data_files: ../x.jsonl}]", r"it names ../x.jsonl, which is not in the folder"),
        ("configs: [{data_files: [3, {split: train}]}]", "it names 3, which is not in the folder"),
        ("configs: [{data_files: /train.jsonl}]", "it names /train.jsonl, which is not in the folder"),
        ("configs: [{data_dir: ..}]", "it names .., which is not in the folder"),
        ("configs: 3", r"no default \(none that can be read\)"),
    ],
)
def test_a_head_that_names_no_files_is_refused(tmp_path, head, fault):
    (tmp_path / "train.jsonl").write_text(lines(SHAREGPT))
    (tmp_path / "README.md").write_text(f"---\n{head}\n---\n")
    with pytest.raises(RequestError, match=fault):
        read_dataset(tmp_path)


def test_a_card_that_cannot_be_read_is_a_problem(tmp_path):
    (tmp_path / "train.jsonl").write_text(lines(SHAREGPT))
    (tmp_path / "README.md").write_text("---\n{\n---\n")
    (tmp_path / "dataset.json").write_text("[]")
    found = read_dataset(tmp_path)
    assert [problem.path.name for problem in found.problems] == ["README.md", "dataset.json"]
    assert len(found.splits["train"]) == 1


def test_what_parquet_holds_and_json_cannot_is_named_by_row(tmp_path):
    path = tmp_path / "train.parquet"
    pl.DataFrame([{"messages": ASKED, "x": 1.5}, {"messages": ASKED, "x": float("nan")}]).write_parquet(path)
    found = read_dataset(path)
    assert found.splits == {"train": [Row(ASKED, beyond={"x": 1.5})]}
    assert found.problems[0].sentence.startswith(f"{path}:2: a number that is none or endless")
    path.write_bytes(b"PAR1")
    with pytest.raises(RequestError, match=":1: not Parquet that can be read"):
        read_dataset(path)


def test_a_hugging_face_folder_loads_with_the_field_s_own_loader(tmp_path):
    loader = pytest.importorskip("datasets")
    odd = replace(
        ROW, messages=[ASKED[0] | {"name": "M"}, {"role": "assistant", "content": "half \ud83d\0\u2028"}]
    )
    late = [ROW] * 3 + [replace(odd, beyond={"k": 1}), replace(ROW, beyond={"k": ["x"]})]
    lost = write_dataset({"train": late, "held_out": [ROW]}, tmp_path / "out", "huggingface")
    assert lost == [Lost("half characters, which become U+FFFD", 1, "train row 4: U+D83D")]
    loaded = loader.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: len(part) for split, part in loaded.items()} == {"train": 5, "test": 1}
    train = loaded["train"]
    assert train[0]["messages"] == ASKED
    assert train[3]["messages"] == [
        ASKED[0] | {"name": "M"},
        {"role": "assistant", "content": "half \ufffd\0\u2028"},
    ]
    assert [train[index]["k"] for index in (0, 3, 4)] == [None, 1, ["x"]]
    assert train[0]["test_case"] == "double"
