"""Which recordings lie below a folder, and the size and time of their files: a look at names, not into files."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# The name of the file that says what is packed in its folder.
PACKED = "packed-recordings.json"

Stamp = tuple[int, int, int, int]

# Of a broken link; reading it says what is wrong.
_NO_STAMP = (-1, -1, -1, -1)


@dataclass(frozen=True)
class Looked:
    """One folder as a scan found it.

    Attributes:
        place: its path below the scanned folder, as text.
        time: when a name in it last came, went or changed, in nanoseconds since 1970.
        evaluations: names of the evaluations with a conversation, sorted.
        sizes: of these files, in bytes, once they are known.
        times: of these files, when each was last written to, in nanoseconds since 1970.
    """

    place: str
    time: int
    evaluations: Sequence[str]
    sizes: Sequence[int] = ()
    times: Sequence[int] = ()


@dataclass
class Scan:
    """The recordings below a folder, in the order of their paths.

    Attributes:
        folder: where was looked; all paths are relative to it, as text.
        evaluations: the evaluation of every pair of files.
        stamps: of every pair the evaluation's size in bytes and its time, in nanoseconds since 1970, and the
            conversation's; empty if nobody asked for them.
        folders: all folders that were looked into, without sizes and times of files.
        orphans: evaluations without a conversation.
        packed: folders with packed recordings.
        waiting: how many conversations have no evaluation yet.
        closed: folders that may not be read, with the reason.
    """

    folder: Path
    evaluations: list[str] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)
    folders: list[Looked] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    packed: list[str] = field(default_factory=list)
    waiting: int = 0
    closed: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found that belongs to a recording."""
        return not (self.evaluations or self.orphans or self.packed or self.waiting or self.closed)


def scan(folder: Path, stamps: bool = True) -> Scan:
    """Look for recordings below `folder`, however deep; links to folders are not followed.

    Args:
        folder: one that is not there has no recordings.
        stamps: whether to ask for sizes and times, which takes three times as long.
    """
    found = Scan(folder)
    above = [""]  # folders still to look into, the next one last
    while above:
        place = above.pop()
        try:
            descriptor = os.open(folder / place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except OSError as error:
            found.closed.append((place, error.strerror or str(error)))
            continue
        try:
            above += _look_into(descriptor, f"{place}/" if place else "", found, stamps)
        finally:
            os.close(descriptor)
    return found


def is_unchanged(folder: Path, folders: Sequence[Looked]) -> bool:
    """Whether the folders of an earlier scan hold the same names, and evaluations of the same size and time.

    A folder's time tells of every file that came, went or was replaced by another of its name, as all writers
    of ours do it. Evaluations are looked at one by one too: the leaderboard itself judges again by writing into
    them. Conversations are not: they are written once, and to ask for each takes as long as all the rest. Who
    writes into one must read anew.
    """
    try:
        for looked in folders:
            descriptor = os.open(folder / looked.place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                if os.fstat(descriptor).st_mtime_ns != looked.time:
                    return False
                files = [os.stat(name, dir_fd=descriptor) for name in looked.evaluations]
                if [file.st_mtime_ns for file in files] != looked.times:
                    return False
                if [file.st_size for file in files] != looked.sizes:
                    return False
            finally:
                os.close(descriptor)
    except OSError:
        return False
    return True


def conversation_of(evaluation: str) -> str:
    """The path of the conversation that belongs to an evaluation, both as text."""
    folder, slash, name = evaluation.rpartition("/")
    return f"{folder}{slash}conversation{name.removeprefix('evaluation')}"


def path_below(folder: Path, name: str) -> str:
    """The path of a file below a folder as `Path` writes it, only faster; of "" what precedes all names."""
    return f"{folder}/{name}" if folder.name else str(folder / "x")[:-1] + name


def _look_into(descriptor: int, prefix: str, found: Scan, stamps: bool) -> list[str]:
    """Add what one open folder holds; its folders, the first one last.

    Names are looked up relative to the folder that is open: one step for the system instead of one for every
    part of a path.
    """
    evaluations, conversations, folders = [], set(), []
    changed = os.fstat(descriptor).st_mtime_ns  # before looking: what changes meanwhile is seen the next time
    with os.scandir(descriptor) as entries:
        for entry in entries:
            name = entry.name
            if name.endswith(".json") and name.startswith("evaluation__"):
                evaluations.append(name)
            elif name.endswith(".json") and name.startswith("conversation__"):
                conversations.add(name)
            elif name == PACKED:
                found.packed.append(prefix.rstrip("/"))
            elif entry.is_dir(follow_symlinks=False):
                folders.append(prefix + name)
    evaluations.sort()
    found.waiting += len(conversations)
    pairs = list[str]()
    found.folders.append(Looked(prefix.rstrip("/"), changed, pairs))
    for name in evaluations:
        other = "conversation" + name[len("evaluation") :]
        if other not in conversations:
            found.orphans.append(prefix + name)
            continue
        found.waiting -= 1
        found.evaluations.append(prefix + name)
        pairs.append(name)
        if not stamps:
            continue
        try:
            of_evaluation, of_conversation = (
                os.stat(name, dir_fd=descriptor),
                os.stat(other, dir_fd=descriptor),
            )
        except OSError:
            found.stamps.append(_NO_STAMP)
            continue
        found.stamps.append(
            (
                of_evaluation.st_size,
                of_evaluation.st_mtime_ns,
                of_conversation.st_size,
                of_conversation.st_mtime_ns,
            )
        )
    return sorted(folders, reverse=True)
