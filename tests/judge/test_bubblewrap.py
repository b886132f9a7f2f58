"""bubblewrap: a real probe where it is installed, and what is said where it is not or may not."""

import os
import subprocess
from pathlib import Path

import pytest

from slingshot.errors import MissingTool, SlingshotError
from slingshot.judge.bubblewrap import find_bubblewrap, install_bubblewrap, refusal


def only_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Make PATH a folder with these shell scripts and nothing else."""
    folder.mkdir()
    for name, script in scripts.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_what_is_found_makes_a_sandbox():
    program = find_bubblewrap()
    # A process of its own, without the network: only the loopback device is left.
    arguments = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "cat", "/proc/net/dev"]
    devices = subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout
    assert [line.split(":")[0].strip() for line in devices.splitlines()[2:]] == ["lo"]


def test_nothing_installed_says_how_to_get_it(tmp_path, monkeypatch):
    only_on_path(tmp_path / "bin", monkeypatch, apt_get="exit 1")
    with pytest.raises(MissingTool, match=r"not installed: run `sudo apt-get install bubblewrap`$"):
        find_bubblewrap()


def test_no_debian_says_it_without_apt(tmp_path, monkeypatch):
    only_on_path(tmp_path / "bin", monkeypatch)
    with pytest.raises(MissingTool, match="package manager"):
        install_bubblewrap(print)


def test_forbidden_namespaces_are_named_with_the_way_out(tmp_path, monkeypatch):
    words = "bwrap: setting up uid map: Permission denied"
    only_on_path(tmp_path / "bin", monkeypatch, bwrap=f"echo '{words}' >&2; exit 1")
    with pytest.raises(SlingshotError) as caught:
        find_bubblewrap()
    assert not isinstance(caught.value, MissingTool)
    assert "(setting up uid map: Permission denied): " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_user_without_rights_gets_the_command(tmp_path, monkeypatch):
    only_on_path(tmp_path / "bin", monkeypatch, apt_get="exit 1", sudo="exit 1")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(MissingTool, match="sudo apt-get install bubblewrap"):
        install_bubblewrap(print)


def test_a_failing_apt_get_is_quoted(tmp_path, monkeypatch):
    script = 'while [ "$1" != apt-get ]; do shift; done; echo "E: no such package" >&2; exit 100'
    only_on_path(tmp_path / "bin", monkeypatch, apt_get="exit 1", env=script)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    said: list[str] = []
    with pytest.raises(MissingTool, match=r"\(E: no such package\)"):
        install_bubblewrap(said.append)
    assert said == ["installing bubblewrap with apt-get"]


def test_a_program_that_does_not_start_is_a_refusal(tmp_path):
    assert "No such file" in str(refusal(tmp_path / "bwrap"))
