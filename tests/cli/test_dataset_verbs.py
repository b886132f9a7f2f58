"""`dataset build` and `dataset show` as a user runs them."""

import json
import shutil

import pytest

from command import refused, slingshot
from recorded import record


def program(number):
    return f"```julia\ndouble(x) = {number}x\n```"


@pytest.fixture
def recordings(tmp_path):
    for number, name in enumerate(["double", "triple", "halve"]):
        for index in range(2):
            record(tmp_path / "recordings", program(10 * number + index), name=name, index=index)
    return tmp_path / "recordings"


def built(recordings, out, *options):
    done = slingshot("dataset", "build", recordings, "--out", out, "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_it_says_what_it_wrote_and_what_is_next(recordings, tmp_path):
    card, said = built(recordings, tmp_path / "out", "--hold-out", "halve", "--validation", "triple")
    assert card["rows"] == 2
    assert (
        f"Wrote 2 rows to {tmp_path / 'out' / 'train.jsonl'} (2 in validation.jsonl, 2 in held_out.jsonl)"
        in said
    )
    assert f"Next: slingshot train CONFIG.yml --dataset {tmp_path / 'out' / 'train.jsonl'}" in said
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {
        "README.md", "dataset.json", "overlap.json", "sources.jsonl",
        "train.jsonl", "validation.jsonl", "held_out.jsonl",
    }  # fmt: skip


def test_the_command_in_the_card_makes_the_same_again(recordings, tmp_path):
    options = ["--hold-out", "halve", "--strategy", "shortest", "--per-task", "1", "--prefer-models", "m"]
    card, _ = built(recordings, tmp_path / "out", *options)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    shutil.rmtree(tmp_path / "out")
    command = card["command"].split()
    assert command[:3] == ["slingshot", "dataset", "build"]
    assert slingshot(*command[1:]).returncode == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_several_folders_are_one(recordings, tmp_path):
    record(tmp_path / "more", program(99), name="double", index=7)
    card, _ = built(recordings, tmp_path / "out", tmp_path / "more")
    assert card["rows_per_test_case"] == {"double": 3, "halve": 2, "triple": 2}
    assert card["sources"]["folders"] == [str(recordings), str(tmp_path / "more")]


def test_one_dataset_for_each_test_case_left_out(recordings, tmp_path):
    done = slingshot("dataset", "build", recordings, "--out", tmp_path / "out", "--folds", "leave-one-out")
    assert done.returncode == 0, done.stderr
    assert "Wrote 3 datasets below" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out" / "folds").iterdir()) == [
        "double",
        "halve",
        "triple",
    ]
    assert "left out" in done.stdout


def test_broken_recordings_are_named_and_fatal_if_strict(recordings, tmp_path):
    broken = next(recordings.rglob("conversation__*.json"))
    broken.write_text(broken.read_text()[:50])
    card, said = built(recordings, tmp_path / "out")
    assert f"Left out: {broken}: not a conversation" in said
    assert card["sources"]["broken"] == 1
    refused(slingshot("dataset", "build", recordings, "--out", tmp_path / "out", "--strict"), 1, str(broken))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--hold-out", "dubble"], ["--hold-out: no recordings of dubble; did you mean double?"]),
        (["--models", "gpt"], ["--models: no recordings of gpt"]),
        (["--licences", "alowed"], ["--licences: no terms are called alowed; did you mean allowed?"]),
        (["--minimum-score", "100", "--max-tokens", "1"], ["no recording qualifies", "at most 1 tokens 0"]),
    ],
)
def test_a_wrong_request_is_one_sentence(recordings, tmp_path, options, words):
    done = slingshot("dataset", "build", recordings, "--out", tmp_path / "out", *options)
    refused(done, 1 if "qualifies" in words[0] else 2, *words)


def test_a_card_and_a_row_can_be_looked_at(recordings, tmp_path):
    card, _ = built(recordings, tmp_path / "out")
    shown = slingshot("dataset", "show", tmp_path / "out")
    assert shown.returncode == 0
    assert "no near-duplicates" in shown.stdout
    assert json.loads(slingshot("dataset", "show", tmp_path / "out", "--format", "json").stdout) == {
        k: v for k, v in card.items() if k != "out"
    }
    row = slingshot("dataset", "show", tmp_path / "out", "--row", "1").stdout
    assert "In Julia, double." in row
    assert "double(x) = 0x" in row
    refused(slingshot("dataset", "show", tmp_path / "out", "--row", "7"), 2, "has 6 rows; choose one of them")


def test_a_folder_without_a_card_is_refused(tmp_path):
    refused(slingshot("dataset", "show", tmp_path), 2, "no dataset.json in this folder")
