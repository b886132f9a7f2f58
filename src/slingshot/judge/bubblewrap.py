"""bubblewrap, the sandbox that answers run in: finding it, proving that it works here, installing it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from slingshot.commands import run_captured
from slingshot.errors import MissingTool, SlingshotError

_PROBE = ("--unshare-all", "--ro-bind", "/", "/", "true")
_PROBE_SECONDS = 20
_INSTALL_SECONDS = 600
# What may forbid a user to make namespaces: the kernel's setting, the value that forbids, what allows it again.
_FORBIDDING_SETTINGS = (
    ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ("kernel.unprivileged_userns_clone", "0", "1"),
    ("user.max_user_namespaces", "0", "10000"),
)


def find_bubblewrap() -> Path:
    """The `bwrap` program, after a probe that it can make a sandbox on this machine (some 10 ms).

    Raises:
        MissingTool: bubblewrap is not installed.
        SlingshotError: it is, but this machine or container forbids the namespaces it needs.
    """
    found = shutil.which("bwrap")
    if found is None:
        raise MissingTool(f"bubblewrap, which answers are run in, is not installed: {_how_to_install()}")
    program = Path(found)
    if reason := refusal(program):
        raise SlingshotError(f"bubblewrap cannot make a sandbox here ({reason}): {_how_to_allow()}")
    return program


def refusal(program: Path) -> str | None:
    """Why bubblewrap cannot make a sandbox here, in its own words; None if it can."""
    try:
        done = run_captured([str(program), *_PROBE], _PROBE_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1].removeprefix("bwrap: ")


def install_bubblewrap(report: Callable[[str], None]) -> Path:
    """Install bubblewrap with apt-get, as root or through a `sudo` that asks for no password.

    Args:
        report: called with one line for each thing that is done.

    Raises:
        MissingTool: this user may not install packages, or apt-get failed; the message has the command.
        SlingshotError: it was installed but cannot make a sandbox here.
    """
    prefix = _root_prefix()
    if shutil.which("apt-get") is None or prefix is None:
        raise MissingTool(f"bubblewrap, which answers are run in, is not installed: {_how_to_install()}")
    report("installing bubblewrap with apt-get")
    # The lists may be empty (a fresh container) or old: read them, but let the installation decide.
    _apt_get(prefix, "update")
    if failure := _apt_get(prefix, "install", "--yes", "--no-install-recommends", "bubblewrap"):
        raise MissingTool(f"apt-get could not install bubblewrap ({failure}): {_how_to_install()}")
    return find_bubblewrap()


def _root_prefix() -> list[str] | None:
    """What to put before a command to run it as root; None if this user cannot without a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = run_captured(["sudo", "-n", "true"])
    return ["sudo", "-n"] if asked.returncode == 0 else None


def _apt_get(prefix: list[str], *arguments: str) -> str | None:
    """Run apt-get without questions; its first error, or None if it succeeded."""
    settings = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"]
    try:
        done = run_captured([*prefix, *settings, "apt-get", "--quiet", *arguments], _INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
    return errors[0] if errors else f"exit code {done.returncode}"


def _how_to_install() -> str:
    if shutil.which("apt-get"):
        return "run `sudo apt-get install bubblewrap`"
    return "install the package `bubblewrap` with this system's package manager"


def _how_to_allow() -> str:
    for name, forbids, allows in _FORBIDDING_SETTINGS:
        setting = Path("/proc/sys") / name.replace(".", "/")
        try:
            if setting.read_text(encoding="ascii").strip() == forbids:
                return f"allow user namespaces with `sudo sysctl -w {name}={allows}`"
        except OSError:
            continue
    return (
        "in a container, start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`"
    )
