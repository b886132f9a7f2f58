"""`slingshot pack` and `unpack`, and the verbs that read what they wrote."""

import json

import pytest

from command import refused, slingshot
from recorded import PASSED, record
from slingshot.judge import Evaluation

FAILED = Evaluation(True, True, 2, 4, 2, 2, "tests_failed")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Recordings as files, and packed."""
    scratch = tmp_path_factory.mktemp("recordings")
    for number in range(6):
        for model, found in (("base", FAILED), ("tuned", PASSED)):
            code = f"```julia\nf{number}(x) = {number} * x # {model}\n```"
            record(scratch / "files", code, found, model=model, name=f"case_{number}", served="hosted")
    done = slingshot("pack", scratch / "files", "--out", scratch / "packed", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["written"] == 12
    assert f"Next: slingshot leaderboard {scratch / 'packed'}" in done.stderr
    return scratch / "files", scratch / "packed"


def test_tables_and_verdicts_of_shards_are_those_of_files(folders):
    verdict = ["verdict", "--base", "base", "--tuned", "tuned", "--format", "json", "--recordings"]
    for command in (["leaderboard", "--format", "json"], verdict):
        files, packed = (slingshot(*command, folder) for folder in folders)
        assert files.returncode == packed.returncode == 0, packed.stderr
        assert files.stdout == packed.stdout


def test_datasets_of_shards_are_those_of_files(folders, tmp_path):
    rows = []
    for number, folder in enumerate(folders):
        done = slingshot(
            "dataset", "build", folder, "--out", tmp_path / str(number), "--minimum-score", "100"
        )
        assert done.returncode == 0, done.stderr
        rows.append((tmp_path / str(number) / "train.jsonl").read_bytes())
    assert rows[0] == rows[1]
    assert rows[0].count(b"\n") == 6


def test_a_packed_recording_is_shown_by_what_it_is_and_by_its_path(folders):
    files, packed = folders
    chosen = ["--model", "tuned", "--test-case", "case_3", "--failure", "none", "--format", "json"]
    done = slingshot("show", packed, *chosen)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    expected = json.loads(slingshot("show", files, *chosen).stdout)
    paths = ("path", "evaluation_path")
    assert {k: v for k, v in found.items() if k not in paths} == {
        k: v for k, v in expected.items() if k not in paths
    }
    for path in paths:
        assert json.loads(slingshot("show", found[path], "--format", "json").stdout) == found


def test_packing_in_place_and_unpacking_leave_the_same_files(folders, tmp_path):
    files, packed = folders
    done = slingshot("unpack", packed, "--out", tmp_path / "again", "--format", "json")
    assert json.loads(done.stdout) == {"recordings": 12, "new": 12, "folder": str(tmp_path / "again")}
    before = {path.relative_to(files): path.read_bytes() for path in files.rglob("*.json")}
    after = {
        path.relative_to(tmp_path / "again"): path.read_bytes()
        for path in (tmp_path / "again").rglob("*.json")
    }
    assert before == after
    done = slingshot("pack", tmp_path / "again", "--out", tmp_path / "again", "--remove")
    assert "Removed 24 files" in done.stderr
    assert [path.name for path in (tmp_path / "again").rglob("*.json")] == ["packed-recordings.json"]


def test_requests_that_cannot_be_met_are_refused(folders, tmp_path):
    refused(slingshot("pack", tmp_path / "none", "--out", tmp_path), 2, "there is no such folder")
    refused(slingshot("unpack", tmp_path, "--out", tmp_path), 2, "nothing is packed here")
    refused(slingshot("show", folders[1] / "case_3" / "none.json"), 2, "there is no such file or folder")
