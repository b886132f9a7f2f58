"""Getting a Julia for this user alone: from juliaup, the official build, or Debian's packages."""

import json
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slingshot.commands import run_captured
from slingshot.errors import MissingTool, SlingshotError
from slingshot.files import cache_folder
from slingshot.folders import download, remove_folder, whole_folder
from slingshot.judge.julia.debian import has_apt, install_debian_julia
from slingshot.judge.julia.locate import OFFICIAL_PREFIX, Candidate, Julia, check, find_julia

__all__ = ["Julia", "find_julia", "install_julia", "install_official_julia"]

VERSIONS_URL = "https://julialang-s3.julialang.org/bin/versions.json"
_CONNECT_SECONDS = 5.0
_JULIAUP_SECONDS = 900


def install_julia(report: Callable[[str], None], versions_url: str = VERSIONS_URL) -> Julia:
    """Get a Julia, test it and return it; nothing outside the cache (and juliaup's own folder) changes.

    juliaup comes first if it is there, then the official build, then Debian's packages. Whatever is
    interrupted leaves nothing behind that would be used.

    Args:
        report: called with one line for each thing that is done.
        versions_url: the official list of releases.

    Raises:
        MissingTool: none could be had; the message says why, and what to do.
    """
    ways: list[Callable[[], Julia]] = [lambda: install_official_julia(report, versions_url)]
    if shutil.which("juliaup"):
        ways.insert(0, lambda: _install_with_juliaup(report))
    if has_apt():
        ways.append(lambda: install_debian_julia(report))
    reasons = []
    for way in ways:
        try:
            return way()
        except SlingshotError as error:
            reasons.append(str(error))
            report(f"  not so: {error}")
    raise MissingTool(
        f"no Julia could be installed ({'; '.join(reasons)}): get one from https://julialang.org/downloads,"
        " and name its program in SLINGSHOT_JULIA or put it on PATH"
    )


def install_official_julia(report: Callable[[str], None], versions_url: str = VERSIONS_URL) -> Julia:
    """Download the newest stable release for this machine into the cache, checked by its SHA-256.

    Args:
        report: called with one line for each thing that is done.
        versions_url: the official list of releases, a JSON file.

    Raises:
        SlingshotError: the download server cannot be reached, has no build for this machine, or the build
            does not work.
    """
    report(f"looking for Julia at {versions_url}")
    try:
        with urllib.request.urlopen(versions_url, timeout=_CONNECT_SECONDS) as answer:
            releases = json.load(answer)
    except (OSError, ValueError) as error:
        raise SlingshotError(f"{versions_url} cannot be read: {error}") from error
    version, build = newest_build(releases, sys.platform, platform.machine())
    target = cache_folder() / f"{OFFICIAL_PREFIX}{version}"
    report(f"downloading Julia {version} ({int(build.get('size', 0)) / 1e6:.0f} MB)")
    with whole_folder(target) as folder:
        archive = folder / "julia.tar.gz"
        download(build["url"], archive, build["sha256"], 4 * _CONNECT_SECONDS, report)
        report("unpacking it")
        _unpack(archive)
        (unpacked,) = [path for path in folder.iterdir() if path.is_dir()]
        archive.unlink()
        for path in list(unpacked.iterdir()):
            path.rename(folder / path.name)
        unpacked.rmdir()
        tried = check(Candidate(folder / "bin" / "julia", "official build"), remember=False)
        if isinstance(tried, str):
            raise SlingshotError(f"the official build of Julia {version} {tried}")
        # Only now: what is there already, if anything, did not work, or nobody would have asked.
        remove_folder(target)
    installed = check(Candidate(target / "bin" / "julia", "official build"))
    if isinstance(installed, str):
        raise SlingshotError(f"{target} {installed}")
    return installed


def newest_build(releases: dict[str, Any], system: str, machine: str) -> tuple[str, dict[str, Any]]:
    """The newest stable release with a build for this machine: its version, and its entry in the list.

    Args:
        releases: the official list, version to `{"stable", "files": [{"url", "triplet", "sha256", …}]}`.
        system: as `sys.platform` gives it.
        machine: as `platform.machine()` gives it.

    Raises:
        SlingshotError: there is none.
    """
    architecture = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine.lower(), machine.lower())
    triplet = f"{architecture}-linux-gnu" if system == "linux" else f"{architecture}-apple-{system}"
    found = [
        (tuple(int(number) for number in version.split(".")), version, file)
        for version, release in releases.items()
        if release.get("stable") and re.fullmatch(r"\d+\.\d+\.\d+", version)
        for file in release.get("files", [])
        if file.get("triplet", "").startswith(triplet)
        and file.get("kind") == "archive"
        and file.get("url", "").endswith(".tar.gz")
    ]
    if not found:
        raise SlingshotError(f"there is no official build of Julia for {architecture} on {system}")
    _, version, file = max(found, key=lambda entry: entry[0])
    return version, file


def _install_with_juliaup(report: Callable[[str], None]) -> Julia:
    report("asking juliaup for the newest release of Julia")
    juliaup = shutil.which("juliaup") or "juliaup"
    try:
        done = run_captured([juliaup, "add", "release"], _JULIAUP_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SlingshotError(f"`juliaup add release` did not work: {error}") from error
    try:
        # Its exit code says nothing sure (an "already installed" counts as a failure): what works, counts.
        return find_julia()
    except MissingTool as error:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise SlingshotError(f"`juliaup add release` gave no Julia that works: {lines[-1]}") from error


def _unpack(archive: Path) -> None:
    """Unpack a tar file beside itself.

    Raises:
        SlingshotError: it is no whole tar file.
    """
    try:
        with tarfile.open(archive) as content:
            # The filter refuses paths that lead out of the folder; the first releases of 3.11 lack it.
            if hasattr(tarfile, "data_filter"):
                content.extractall(archive.parent, filter="data")
            else:
                content.extractall(archive.parent)
    except tarfile.TarError as error:
        raise SlingshotError(f"the downloaded archive cannot be unpacked: {error}") from error
