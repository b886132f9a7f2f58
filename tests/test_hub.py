"""Uploading to a hub over HTTP: what arrives is compared byte by byte, and every refusal is one sentence."""

import os
import random
import socket
import subprocess
import sys
from hashlib import sha256

import pytest
from huggingface_hub import constants

from loopback_hub import loopback_hub
from slingshot.errors import RequestError, SlingshotError
from slingshot.hub import check_hub, upload_folder


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub that this process talks to, and no login of whoever runs the tests."""
    with loopback_hub() as hub:
        for name, value in hub.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)  # both are read from the environment at import
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        yield hub


@pytest.fixture
def folder(tmp_path):
    """Text, a large file in three parts, one in a single part, an empty one, a hidden one."""
    folder = tmp_path / "model"
    (folder / "charts").mkdir(parents=True)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# A model, größer als π\n")
    (folder / "model.gguf").write_bytes(bytes(range(256)) * 10_000)
    (folder / "charts" / "models.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 999)
    (folder / "empty.txt").touch()
    (folder / ".cache").mkdir()
    (folder / ".cache" / "secret").write_text("not for others")
    return folder


def test_every_byte_of_every_file_arrives_in_one_commit(hub, folder):
    lines = []
    where = upload_folder(folder, "ada/tuned", private=False, message="A first model", report=lines.append)
    assert where == f"{hub.url}/ada/tuned"
    repository = hub.repositories["ada/tuned"]
    names = ["README.md", "charts/models.png", "empty.txt", "model.gguf"]
    assert repository.files == {name: (folder / name).read_bytes() for name in names}
    assert repository.commits == ["A first model"]
    assert not repository.private
    assert lines == ["uploading 4 files, 2.6 MB, to ada/tuned as ada"]


def upload_by_xet(hub, folder, home):
    """In a process of its own, whose client is not told to do without Xet."""
    code = "from pathlib import Path; from slingshot.hub import upload_folder\n"
    code += f"upload_folder(Path({str(folder)!r}), 'ada/tuned', private=True, message='one')"
    environment = hub.environment(HF_HUB_DISABLE_XET="0", HF_HOME=str(home))
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )


def test_large_files_travel_as_the_public_hub_prefers(hub, tmp_path):
    hub.storage, folder = tmp_path / "storage", tmp_path / "model"
    folder.mkdir()
    content = random.Random(1).randbytes(200_000)
    (folder / "model.gguf").write_bytes(content)
    done = upload_by_xet(hub, folder, tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert hub.repositories["ada/tuned"].files == {
        "model.gguf": f"xet {sha256(content).hexdigest()}".encode()
    }
    stored = b"".join(file.read_bytes() for file in hub.storage.rglob("*") if file.is_file())
    assert all(content[at : at + 1000] in stored for at in (0, 100_000, 199_000))


def test_a_refusal_of_the_storage_is_told_from_a_broken_connection(hub, folder, tmp_path):
    hub.refuses["/xet-write-token/"] = (403, "no")
    assert "ada/tuned: the token may not write there" in upload_by_xet(hub, folder, tmp_path / "home").stderr


def test_an_upload_sends_only_what_has_changed_and_keeps_the_rest(hub, folder):
    upload_folder(folder, "engines/tuned", private=True, message="one")
    sent = hub.sent
    (folder / "README.md").write_text("another card")
    (folder / "charts" / "models.png").unlink()
    upload_folder(folder, "engines/tuned", private=True, message="two")
    repository = hub.repositories["engines/tuned"]
    assert repository.private
    assert hub.sent == sent
    assert repository.commits == ["one", "two"]
    assert repository.files["README.md"] == b"another card"
    assert "charts/models.png" in repository.files


def test_what_is_private_does_not_go_into_a_repository_that_is_public(hub, folder):
    upload_folder(folder, "ada/tuned", private=False, message="one")
    with pytest.raises(
        RequestError, match="ada/tuned is public on .*, and private was asked; make it private"
    ):
        upload_folder(folder, "ada/tuned", private=True, message="two")
    assert hub.repositories["ada/tuned"].commits == ["one"]


def test_the_check_says_whose_token_it_is_and_makes_nothing(hub):
    assert check_hub("engines/tuned", private=True) == "ada"
    assert hub.repositories == {}


@pytest.mark.parametrize(
    "name", ["tuned", "ada/tuned/gguf", "ada/-tuned", "ada/a b", "ada/a--b", "/tuned", ""]
)
def test_a_name_that_is_none_is_refused(hub, name):
    with pytest.raises(RequestError, match="write OWNER/NAME"):
        check_hub(name)


def test_without_a_token_the_way_to_one_is_named(hub, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(
        RequestError, match="there is no token for http.*; set HF_TOKEN .* or run `hf auth login`"
    ):
        check_hub("ada/tuned")


def test_a_token_that_may_only_read_is_refused_before_any_work(hub):
    hub.role = "read"
    with pytest.raises(RequestError, match="the token of ada .* may only read"):
        check_hub("ada/tuned")


def test_another_owner_is_refused_unless_the_token_does_not_tell(hub):
    with pytest.raises(RequestError, match="bob is neither ada, .* take as OWNER one of: ada, engines"):
        check_hub("bob/tuned")
    hub.role = "fineGrained"
    assert check_hub("bob/tuned") == "ada"


def test_a_token_that_the_hub_does_not_know_is_said_without_showing_it(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_stolen")
    with pytest.raises(SlingshotError, match="refuses the token .*; set HF_TOKEN to a valid one") as caught:
        check_hub("ada/tuned")
    assert "hf_stolen" not in str(caught.value)


REFUSALS = {
    "no right to write": ("/commit/", 403, "You don't have the rights", "the token may not write there"),
    "no right to create": (
        "/api/repos/create",
        403,
        "You don't have the rights",
        "the token may not write there",
    ),
    "a full account": ("/batch", 403, "Private storage limit reached", "has no room for it (Private storage"),
    "a full disk": ("/parts/", 507, "", "has no room for it (Insufficient Storage)"),
    "an owner that left": ("/preupload/", 404, "gone", "does not know it (gone); check OWNER"),
    "a card that is no card": (
        "/validate-yaml",
        400,
        "bad",
        "did not take the upload (bad)",
    ),
    "a broken hub": ("/commit/", 500, "oops", "is busy or broken (oops); wait, then run again"),
}


@pytest.mark.parametrize("part, status, words, said", REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_one_sentence_and_changes_no_file(hub, folder, part, status, words, said):
    hub.refuses[part] = (status, words)
    with pytest.raises(SlingshotError) as caught:
        upload_folder(folder, "ada/tuned", private=False, message="one")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not any(repository.files for repository in hub.repositories.values())


def test_a_hub_that_cannot_be_reached_is_said_in_one_sentence(hub, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(SlingshotError, match="cannot be reached .*; check the network"):
            check_hub("ada/tuned")


def test_a_folder_without_files_is_refused(hub, tmp_path):
    with pytest.raises(RequestError, match="there is no file to upload"):
        upload_folder(tmp_path, "ada/tuned", private=False, message="one")
