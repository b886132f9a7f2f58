"""Files are whole or not there, and what cannot be written is said in one sentence."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slingshot.errors import SlingshotError
from slingshot.files import (
    cache_folder,
    sha256_of_file,
    sha256_of_folder,
    sha256_of_text,
    write_bytes,
    write_json,
    write_new_json,
    write_text,
)

WRITE_TOO_MUCH = """
import sys
from pathlib import Path
from slingshot.errors import SlingshotError
from slingshot.files import write_bytes
path = Path(sys.argv[1])
try:
    write_bytes(path, bytes(1 << 20))
except SlingshotError as error:
    print(error)
    print(*sorted(p.name for p in path.parent.iterdir()))
    print(path.read_text())
"""


def everything_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_written_can_be_read_and_nothing_else_is_left(tmp_path):
    write_bytes(tmp_path / "deep" / "er" / "a", b"\x00\xff")
    write_text(tmp_path / "b", "ü\n")
    write_json(tmp_path / "c", {"ü": [1, None]})
    assert (tmp_path / "deep" / "er" / "a").read_bytes() == b"\x00\xff"
    assert (tmp_path / "b").read_bytes() == "ü\n".encode()
    assert (tmp_path / "c").read_text() == '{\n  "ü": [\n    1,\n    null\n  ]\n}\n'
    assert everything_in(tmp_path) == ["b", "c", "deep"]


def test_json_can_be_written_on_one_line(tmp_path):
    write_json(tmp_path / "a", {"b": [1, 2]}, indent=None)
    assert (tmp_path / "a").read_text() == '{"b":[1,2]}\n'


def test_a_file_is_replaced(tmp_path):
    write_text(tmp_path / "a", "long old content")
    write_text(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"
    assert everything_in(tmp_path) == ["a"]


def test_others_may_read_what_is_written(tmp_path):
    write_text(tmp_path / "a", "x")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


def test_a_long_name_is_no_trouble(tmp_path):
    write_text(tmp_path / ("n" * 250), "x")
    assert (tmp_path / ("n" * 250)).read_text() == "x"


def test_a_value_that_is_no_json_leaves_the_old_file(tmp_path):
    write_json(tmp_path / "a", 1)
    with pytest.raises(TypeError):
        write_json(tmp_path / "a", {"path": object()})
    assert (tmp_path / "a").read_text() == "1\n"
    assert everything_in(tmp_path) == ["a"]


def one_sentence(said: str, path: Path, reason: str) -> None:
    assert (
        said == f"could not write {path}: {reason}; free some space or choose another folder, then run again"
    )


def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path, by):
    path = tmp_path / "small" / "a"
    path.parent.mkdir()
    make = f"printf old > {path} && exec {sys.executable} -c '{WRITE_TOO_MUCH}' {path}"
    disk = [str(by.bubblewrap), "--dev-bind", "/", "/", "--size", str(128 << 10), "--tmpfs", str(path.parent)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*disk, "sh", "-c", make], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    said, left, content = done.stdout.splitlines()
    one_sentence(said, path, "No space left on device")
    assert (left, content) == ("a", "old")


def test_a_file_beyond_the_size_limit_is_one_sentence_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)){WRITE_TOO_MUCH}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    said, left, content = done.stdout.splitlines()
    one_sentence(said, path, "File too large")
    assert (left, content) == ("a", "old")


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SlingshotError) as caught:
        write_text(tmp_path / "file" / "a", "y")
    one_sentence(str(caught.value), tmp_path / "file" / "a", "File exists")


def test_a_folder_in_the_place_of_the_file_is_one_sentence(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(SlingshotError) as caught:
        write_text(tmp_path / "a", "y")
    one_sentence(str(caught.value), tmp_path / "a", "Is a directory")
    assert everything_in(tmp_path) == ["a"]


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path):
    code = (
        "import sys, itertools\nfrom pathlib import Path\nfrom slingshot.files import write_bytes\n"
        "for n in itertools.count(): write_bytes(Path(sys.argv[1]), bytes([65 + n % 26]) * 2_000_000)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    path = tmp_path / "a"
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)], env=environment)
    deadline = time.monotonic() + 20
    try:
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        for _ in range(20):
            content = path.read_bytes()
            assert len(content) == 2_000_000
            assert len(set(content)) == 1
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    content = path.read_bytes()
    assert (len(content), len(set(content))) == (2_000_000, 1)


@given(st.text())
def test_hashes_are_sha256_of_the_utf8_bytes(text):
    assert sha256_of_text(text) == hashlib.sha256(text.encode()).hexdigest()


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc" * 1_000_000)
    assert sha256_of_file(tmp_path / "a") == hashlib.sha256(b"abc" * 1_000_000).hexdigest()


def make_folder(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def test_the_hash_of_a_folder_says_names_and_contents_and_nothing_else(tmp_path):
    files = {"a": "1", "b/c": "2"}
    hashed = sha256_of_folder(make_folder(tmp_path / "one", files))
    same = make_folder(tmp_path / "two", dict(reversed(files.items())))
    os.utime(same / "a", (1, 1))
    assert sha256_of_folder(same) == hashed
    for number, other in enumerate(
        [{"a": "1", "b/c": "3"}, {"a": "1", "b/d": "2"}, {"a": "1"}, {"a": "1", "c": "2"}]
    ):
        assert sha256_of_folder(make_folder(tmp_path / f"other{number}", other)) != hashed


def test_the_cache_is_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SLINGSHOT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == tmp_path / ".cache" / "slingshot"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "slingshot"
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_half_a_character_is_written_as_json_can(tmp_path):
    write_json(tmp_path / "a", {"answer": "x\ud83d"})
    assert json.loads((tmp_path / "a").read_text()) == {"answer": "x\ud83d"}


def test_of_many_who_write_a_new_file_at_once_one_does_and_it_stays(tmp_path):
    path = tmp_path / "x.json"
    with ThreadPoolExecutor(16) as pool:
        wrote = list(pool.map(lambda number: write_new_json(path, number), range(64)))
    assert wrote.count(True) == 1
    assert json.loads(path.read_text()) == wrote.index(True)
    assert not write_new_json(path, "another")
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
