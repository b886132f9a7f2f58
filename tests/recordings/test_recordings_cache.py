"""Recordings that were read before come from the cache, and only as long as their files are what they were.

Whether the cache was used is seen by a change that cannot be seen from outside: another content of the same
size and time.
"""

import hashlib
import io
import os
import time
from pathlib import Path

import polars as pl
import pytest

from recorded import record
from slingshot.errors import SlingshotError
from slingshot.recordings.files import evaluation_path
from slingshot.recordings.load import WORTH_KEEPING, load_recordings, read_recordings

YESTERDAY = time.time_ns() - 24 * 3600 * 10**9


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """A cache of the test's own; where the frames are."""
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "recordings"


@pytest.fixture
def folder(tmp_path) -> Path:
    """So many recordings that it is worth keeping them, written yesterday."""
    return fill(tmp_path / "recordings", WORTH_KEEPING)


def fill(folder: Path, count: int) -> Path:
    """Write recordings of two models; their answers are `answer 000` and so on."""
    first = record(folder.with_name("first"), "answer NNN")
    stamp = first.name.split("__", 3)[3].removesuffix(".json")
    contents = [(path.name, path.read_text()) for path in (first, evaluation_path(first))]
    for model in ("a", "b/c"):
        (folder / "double" / model).mkdir(parents=True)
    for number in range(count):
        timestamp = f"20240101_{number:06d}__100"
        for name, content in contents:
            path = folder / "double" / ("a", "b/c")[number % 2] / name.replace(stamp, timestamp)
            path.write_text(content.replace(stamp, timestamp).replace("NNN", f"{number:03d}"))
            os.utime(path, ns=(YESTERDAY, YESTERDAY))
    for path in (folder, *folder.rglob("*")):
        os.utime(path, ns=(YESTERDAY, YESTERDAY))
    return folder


def conversations(folder: Path) -> list[Path]:
    return sorted(folder.rglob("conversation__*.json"), key=lambda path: path.name)


def answers(folder: Path) -> list[str]:
    return sorted(load_recordings(folder)["answer"])


def rewrite(path: Path, old: str, new: str, when: int | None = YESTERDAY) -> None:
    """Change the content of a file, which is then as old as `when` says, None: as it is."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    if when is not None:
        os.utime(path, ns=(when, when))


def replace(path: Path, old: str, new: str, when: int = YESTERDAY) -> None:
    """The same as all our writers change a file: another one takes its name."""
    other = path.with_name(".other")
    other.write_text(path.read_text())
    rewrite(other, old, new, when)
    other.rename(path)


def test_what_was_read_before_is_not_read_again(folder):
    first = load_recordings(folder)
    for path in conversations(folder):
        rewrite(path, "answer ", "ANSWER ")
    assert load_recordings(folder).equals(first)
    assert read_recordings(folder).frame.equals(first)


def test_a_frame_from_the_cache_is_the_frame_that_was_read(folder, monkeypatch, tmp_path):
    first = load_recordings(folder)
    again = load_recordings(folder)
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "another"))
    anew = load_recordings(folder)
    assert again.equals(first)
    assert again.equals(anew)
    assert again.schema == anew.schema


def test_only_changed_files_are_read_again(folder):
    load_recordings(folder)
    paths = conversations(folder)
    rewrite(paths[0], "answer 000", "changed without a trace"[:10])
    replace(paths[1], "answer 001", "of another size")
    replace(paths[2], "answer 002", "new time 2", YESTERDAY + 1)
    found = answers(folder)
    assert len(found) == WORTH_KEEPING
    assert "answer 000" in found
    assert {"of another size", "new time 2"} <= set(found)
    assert not {"answer 001", "answer 002"} & set(found)


def test_a_changed_evaluation_is_read_again(folder):
    load_recordings(folder)
    path = evaluation_path(conversations(folder)[0])
    rewrite(path, '"unit_tests_passed":4', '"unit_tests_passed":3', YESTERDAY + 1)
    assert sorted(load_recordings(folder)["unit_tests_passed"])[:2] == [3, 4]


def test_a_conversation_that_was_written_into_is_seen_when_all_is_read_anew(folder):
    """Nobody of ours does that: a file is replaced, which its folder tells."""
    first = load_recordings(folder)
    rewrite(conversations(folder)[0], "answer 000", "written into it")
    assert load_recordings(folder).equals(first)
    assert "written into it" in load_recordings(folder, fresh=True)["answer"]
    assert "written into it" in answers(folder), "and kept"


def test_added_and_removed_recordings_are_seen(folder):
    load_recordings(folder)
    removed = conversations(folder)[0]
    removed.unlink()
    evaluation_path(removed).unlink()
    record(folder, "added")
    for _ in range(2):
        found = answers(folder)
        assert (found[0], found[1], len(found)) == ("added", "answer 001", WORTH_KEEPING)


def test_a_recording_is_seen_once_it_is_judged(folder):
    load_recordings(folder)
    judged = evaluation_path(conversations(folder)[0])
    content = judged.read_bytes()
    judged.unlink()
    loaded = read_recordings(folder)
    assert (loaded.frame.height, loaded.waiting) == (WORTH_KEEPING - 1, 1)
    judged.write_bytes(content)
    loaded = read_recordings(folder)
    assert (loaded.frame.height, loaded.waiting) == (WORTH_KEEPING, 0)


def test_the_order_of_rows_does_not_depend_on_the_cache(folder, monkeypatch, tmp_path):
    load_recordings(folder)
    for path in conversations(folder)[::7]:
        replace(path, "answer ", "another ")
    mixed = load_recordings(folder)
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "another"))
    assert mixed.equals(load_recordings(folder))


def test_broken_files_are_named_every_time(folder):
    path = conversations(folder)[0]
    path.write_text("{}")
    for _ in range(3):
        with pytest.raises(SlingshotError, match="not a conversation"):
            load_recordings(folder)
        assert len(read_recordings(folder).problems) == 1


def test_a_file_that_was_written_just_now_is_read_again(folder):
    path = conversations(folder)[0]
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    load_recordings(folder)
    rewrite(path, "answer 000", "answer new", now)  # within one tick of a clock that has few
    assert "answer new" in answers(folder)


def test_paths_follow_the_name_by_which_the_folder_is_called(folder, monkeypatch):
    load_recordings(folder)
    monkeypatch.chdir(folder.parent)
    for name in (Path(folder.name), folder):
        paths = load_recordings(name)["path"].to_list()
        assert all(path.startswith(f"{name}/double/") for path in paths)


def test_few_recordings_are_not_kept(tmp_path, cache):
    load_recordings(fill(tmp_path / "few", WORTH_KEEPING - 1))
    assert not cache.exists()


def test_a_folder_has_one_file_in_the_cache(folder, cache):
    for _ in range(3):
        load_recordings(folder)
        rewrite(conversations(folder)[0], "answer", "answer, longer")
    assert len(list(cache.iterdir())) == 1


def damaged_at(place: int):
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)

    return damage


def of_another_schema(path: Path) -> None:
    """A frame without a column, under the name that its bytes ask for."""
    head, _, packed = path.read_bytes().partition(b"\n")
    rows = io.BytesIO()
    pl.read_ipc(packed).drop("seed").write_ipc(rows)
    content = head + b"\n" + rows.getvalue()
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()[:24]
    path.rename(path.with_name(f"{path.stem.split('-')[0]}-{digest}.arrow"))


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "another content": lambda path: path.write_bytes(b"[]" * 1000),
    "one bit at the start": damaged_at(0),
    "one bit in the middle": damaged_at(5000),
    "one bit at the end": damaged_at(-1),
    "another schema": of_another_schema,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_file_of_the_cache_that_cannot_be_trusted_is_ignored_and_replaced(folder, cache, damage):
    first = load_recordings(folder)
    (path,) = cache.iterdir()
    damage(path)
    assert load_recordings(folder).equals(first)
    rewrite(conversations(folder)[0], "answer", "ANSWER")
    assert load_recordings(folder).equals(first), "from the file in its place"


def test_a_cache_that_cannot_be_written_is_no_error(folder, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "file"))
    assert len(answers(folder)) == len(answers(folder)) == WORTH_KEEPING


def test_folders_that_nobody_asked_for_for_long_are_forgotten(folder, cache):
    load_recordings(folder)
    (kept,) = cache.iterdir()
    for age in range(1, 31):
        path = cache / f"{age:024d}-0.arrow"
        path.touch()
        os.utime(path, ns=(YESTERDAY - age, YESTERDAY - age))
    os.utime(kept, ns=(YESTERDAY - 100, YESTERDAY - 100))
    load_recordings(folder)  # asked for
    load_recordings(fill(folder.with_name("others"), WORTH_KEEPING))
    left = sorted(path.name for path in cache.iterdir())
    assert len(left) == 20
    assert kept.name in left
    assert f"{18:024d}-0.arrow" in left
    assert f"{19:024d}-0.arrow" not in left
