"""`slingshot dataset convert`."""

import json

from command import refused, slingshot

ASKED = [{"role": "user", "content": "Double."}, {"role": "assistant", "content": "2x"}]


def dataset(folder, *more):
    """A dataset's folder with two rows of training, one held out, and more lines in train.jsonl."""
    folder.mkdir()
    line = json.dumps({"messages": ASKED, "test_case": "double", "source": "m"})
    (folder / "train.jsonl").write_text("".join(f"{text}\n" for text in (line, line, *more)))
    (folder / "held_out.jsonl").write_text(f"{line}\n")
    (folder / "dataset.json").write_text('{"slingshot": "0.1"}')
    (folder / "sources.jsonl").write_text("{}\n")
    return folder


def test_it_says_what_it_read_lost_and_wrote_and_what_is_next(tmp_path):
    talk = json.dumps({"messages": [ASKED[0] | {"name": "M"}, ASKED[1]]})
    folder, out = dataset(tmp_path / "ours", talk), tmp_path / "out"
    done = slingshot("dataset", "convert", folder, "--to", "alpaca", "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"Read {folder} as messages: 3 rows of train, 1 row of held_out.",
        "Lost: keys of messages beside role and text (1 row; train row 3: name).",
        "Lost: what dataset.json says (dataset.json).",
        "Not read: sources.jsonl.",
        f"Wrote {out} as alpaca: 3 rows of train, 1 row of held_out.",
        "Next: a trainer that reads `type: alpaca`; here, convert it to sharegpt or messages first",
    ]
    first = json.loads((out / "train.jsonl").read_text().splitlines()[0])
    assert (first["instruction"], first["input"], first["output"]) == ("Double.", "", "2x")


def test_ten_problems_are_named_and_the_others_counted(tmp_path):
    folder, out = dataset(tmp_path / "ours", *['{"messages": []}'] * 12), tmp_path / "hub"
    arguments = ("dataset", "convert", folder, "--to", "huggingface", "--out", out)
    done = slingshot(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "12 problems; what is named here is left out:" in done.stderr
    assert done.stderr.count(": it holds no message; mend or remove the row") == 10
    assert "  and 2 more; " in done.stderr
    found = json.loads(done.stdout)
    assert [problem["sentence"].split(" ")[0] for problem in found.pop("problems")] == [
        f"{folder / 'train.jsonl'}:{line}:" for line in range(3, 15)
    ]
    assert found == {
        "read": {"path": str(folder), "format": "messages", "rows": {"train": 2, "held_out": 1}},
        "lost": [],
        "not_read": ["sources.jsonl"],
        "wrote": {"path": str(out), "format": "huggingface", "rows": {"train": 2, "held_out": 1}},
    }
    refused(slingshot(*arguments, "--strict"), 1, f"{folder / 'train.jsonl'}:3: it holds no message")


def test_a_place_that_is_read_or_holds_something_else_is_refused(tmp_path):
    folder, other = dataset(tmp_path / "ours"), tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    convert = ("dataset", "convert", folder, "--to", "sharegpt", "--out")
    refused(slingshot(*convert, other), 2, "is not empty and holds thesis.txt")
    for out in (folder, folder / "new", tmp_path):
        refused(slingshot(*convert, out), 2, f"--out: {out} is, holds or lies in {folder}, which is read")
    refused(
        slingshot(*convert, tmp_path / "o", "--from", "alpaca"), 1, "there is no row that sharegpt can hold"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "ours"]
