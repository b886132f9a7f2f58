"""The sandbox around a program that nobody trusts: no network, no home, nothing to write to but a small /tmp."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What a dynamically linked program needs of the machine. The home, other users' files and /etc stay outside.
_SYSTEM_FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/localtime"]
_TEMPORARY_BYTES = 256 << 20


@dataclass(frozen=True)
class Limits:
    """What one answer may use.

    Attributes:
        seconds: of wall-clock time; when the machine is too busy to let it run, of up to four times that.
        memory_bytes: of address space, beyond what Julia itself takes.
        file_bytes: of any file that it writes; all files together are limited to 256 MiB.
        processes: at once, in the sandbox.
    """

    seconds: float = 10.0
    memory_bytes: int = 4 << 30
    file_bytes: int = 64 << 20
    processes: int = 64


def sandboxed(
    command: Sequence[str], bubblewrap: Path, readable: Sequence[Path], *, first: bool = False
) -> list[str]:
    """`command` inside bubblewrap: new namespaces, no capabilities, `readable` folders read-only.

    Only /tmp can be written to; it starts empty, lives in memory and ends with the sandbox. As `first` the
    command is process 1 of its namespace: what it starts cannot kill or stop it, and when it ends, all ends.
    """
    arguments = [
        *(str(bubblewrap), "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session"),
        *("--hostname", "judge", "--cap-drop", "ALL"),
        *(["--as-pid-1"] if first else []),
    ]
    for folder in _SYSTEM_FOLDERS:
        arguments += ["--ro-bind-try", folder, folder]
    # Settings of the kernel belong to the machine: its root could change them even without capabilities.
    arguments += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    arguments += ["--size", str(_TEMPORARY_BYTES), "--tmpfs", "/tmp"]
    for path in readable:
        arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/"]
    arguments += ["--setenv", "HOME", "/tmp", "--setenv", "TMPDIR", "/tmp", "--chdir", "/tmp", "--"]
    return [*arguments, *command]
