"""`slingshot dataset check`."""

import json
import shutil

import pytest

from command import refused, slingshot
from slingshot.dataset import Row, read_rows
from slingshot.suite import TestCase


@pytest.fixture
def case(named) -> TestCase:
    return named("cite_name")


def row(question, answer="```julia\nhalf(x) = x / 2\n```", test_case="half"):
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return Row(messages, test_case)


def dataset(folder, hold_out=(), **splits):
    """A dataset's folder with these rows, whose card holds out test cases."""
    folder.mkdir()
    for name, rows in splits.items():
        (folder / f"{name}.jsonl").write_text("".join(each.to_json() + "\n" for each in rows))
    (folder / "dataset.json").write_text(json.dumps({"selection": {"hold_out": list(hold_out)}}))
    return folder


def test_a_clean_dataset_is_counted_and_may_be_trained_on(tmp_path):
    rows = [row("Halve it."), row("Take half of it.")]
    folder = dataset(tmp_path / "ds", ["cite_name"], train=rows)
    done = slingshot("dataset", "check", folder)
    assert done.returncode == 0, done.stderr
    assert "train: nothing in common with what must stay unseen (1 test case)" in done.stdout
    assert "same code" in done.stdout
    assert done.stderr.splitlines() == [
        f"Next: slingshot train CONFIG.yml --dataset {folder / 'train.jsonl'}"
    ]


def test_faults_are_shown_counted_and_said_with_what_to_do(tmp_path, case):
    leak = row(f"Do this: {case.prompt}", "\ud800 \x1b[31m")
    folder = dataset(
        tmp_path / "ds", ["cite_name"], train=[row("Halve it."), leak], validation=[row("halve IT", "x")]
    )
    done = slingshot("dataset", "check", folder)
    last = refused(
        done, 1, "1 row repeats another split's, 1 test case is in two splits, 1 row shows what must"
    )
    assert last.endswith("; split by test case, as `slingshot dataset build` does")
    assert "validation row 1 repeats train row 1: same question" in done.stdout
    assert "In train and validation: half" in done.stdout
    (line,) = [line for line in done.stdout.splitlines() if "row 2 of train.jsonl │ question" in line]
    assert all(word in line for word in ("cite_name", "0.3", case.prompt[:30]))
    done = slingshot("dataset", "check", folder, "--hold-out", "half", "--format", "json")
    assert [finding["text"] for finding in json.loads(done.stdout)["overlap"]["train"]["findings"]][
        1
    ] == leak.answer


def test_the_other_rows_are_written_and_pass(tmp_path, case):
    rows = [row("Halve it."), row(case.prompt), row("Thus:", case.unit_tests[0])]
    folder, out = dataset(tmp_path / "ds", train=rows), tmp_path / "clean.jsonl"
    against = ("--against", case.folder)
    done = slingshot("dataset", "check", folder, *against, "--drop-overlap", "--out", out, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert f"Wrote 1 of 3 training rows to {out}" in done.stderr
    found = json.loads(done.stdout)
    assert (found["holds"], found["kind"], found["rows"]) == (False, "dataset", {"train": 3})
    assert {finding["row"] for finding in found["overlap"]["train"]["findings"]} == {2, 3}
    assert found["overlap"]["train"]["limits"]["run"] == 20
    assert found["copies"]["within"] == [
        {"kind": "exact", "split": "train", "row": 2, "of_split": "train", "of_row": 1}
    ]
    assert read_rows(out) == rows[:1]
    assert slingshot("dataset", "check", out, *against).returncode == 0


def test_a_suite_is_checked_against_what_is_published(tmp_path, case):
    mine = tmp_path / "mine" / "strings" / "cite_name"
    shutil.copytree(case.folder, mine)
    refused(
        slingshot("dataset", "check", mine), 2, "a suite is compared with something; name it with --against"
    )
    done = slingshot("dataset", "check", mine, "--against", case.folder)
    refused(done, 1, "show what must stay unseen; write test cases of your own")
    assert "row 1 of definition.toml" in done.stdout


def test_requests_that_make_no_sense_are_refused(tmp_path, case):
    folder = dataset(tmp_path / "ds", train=[row("Halve it.")])
    done = slingshot("dataset", "check", folder)
    assert "Compared with nothing that must stay unseen: name test cases with --hold-out" in done.stderr
    assert done.returncode == 0
    refused(
        slingshot("dataset", "check", folder, "--drop-overlap"), 2, "--drop-overlap and --out go together"
    )
    refused(slingshot("dataset", "check", case.folder, "--hold-out", "x"), 2, "--hold-out: ", "is a suite")
