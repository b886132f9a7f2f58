"""One recording as a whole, read and written again without loss: for those who copy, merge or correct some.

The frame of `load_recordings` takes from a recording what tables and verdicts need. This is all of it: keys
that nobody knows, the order of keys, and numbers digit by digit (0 stays 0, 0.0 stays 0.0, 9.5e-5 is not
turned into 9.5e-05). The leaderboard's own files come out byte by byte as they went in.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import write_bytes
from slingshot.recordings.fields import refuse_constant
from slingshot.recordings.problems import BROKEN, broken, contradicting, orphaned
from slingshot.recordings.rows import make_row, take_conversation


class Digits(float):
    """A number with a point or an exponent, and how it was written: JSON knows more digits than a float.

    Attributes:
        text: how it was written.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> "Digits":
        """The number that a JSON text names."""
        number = super().__new__(cls, text)
        number.text = text
        return number


@dataclass(frozen=True)
class Recording:
    """One answer and what judging found, each as its file says it.

    Attributes:
        evaluation: the leaderboard's twenty fields, and any others.
        conversation: the messages.
        folder: where both files lie below a folder of recordings: `TEST CASE/MODEL`, or with a category
            `CATEGORY/TEST CASE/MODEL`.
    """

    evaluation: dict[str, Any]
    conversation: list[dict[str, Any]]
    folder: PurePosixPath

    @property
    def file_name(self) -> str:
        """The name of its evaluation's file."""
        label, strategy, timestamp = _in_names(self.evaluation)
        return f"evaluation__{label}__{strategy}__{timestamp}.json"


def read_recording(path: Path, below: Path | None = None) -> Recording:
    """Read a recording.

    Args:
        path: its evaluation's file, or its conversation's.
        below: the folder of recordings in which it lies, to keep what precedes the test case, a category.
            Without it the recording's folder begins at the test case, by the evaluation's `name`.

    Raises:
        RequestError: there is no such file, or it is no recording's, or it does not lie below `below`.
        SlingshotError: one of the two files is missing, or broken, or called by another name than its content
            says.
    """
    kind, _, rest = path.name.partition("__")
    if kind not in ("evaluation", "conversation") or not path.is_file():
        raise RequestError(
            f"{path}: no file of a recording; name an evaluation__….json or a conversation__….json"
        )
    evaluation_file, conversation_file = (
        path.with_name(f"{k}__{rest}") for k in ("evaluation", "conversation")
    )
    if not evaluation_file.is_file():
        raise SlingshotError(f"{path}: not judged yet; run slingshot judge on its folder")
    if not conversation_file.is_file():
        raise SlingshotError(orphaned(evaluation_file).sentence)
    path = conversation_file
    try:
        conversation = parse_exactly(path.read_bytes().decode())
        said = take_conversation(conversation, {})
        path = evaluation_file
        evaluation = parse_exactly(path.read_bytes().decode())
        make_row(evaluation, said, "")
    except (OSError, *BROKEN) as error:
        raise SlingshotError(broken(path, error).sentence) from None
    recording = Recording(evaluation, conversation, _folder(evaluation_file, evaluation, below))
    if recording.file_name != evaluation_file.name:
        raise SlingshotError(contradicting(evaluation_file, _in_names(evaluation)).sentence)
    return recording


def write_recording(recording: Recording, folder: Path) -> Path:
    """Write both files of a recording below `folder`, over those that are there; the evaluation's path.

    Raises:
        SlingshotError: its folder or its name would lead out of `folder`, a number in it is none in JSON, or
            the disk is full.
    """
    name, place = recording.file_name, recording.folder
    if "/" in name or not _may_be(place / name):
        raise SlingshotError(f"{folder}: no file below it can be called {str(place / name)!r}; rename it")
    path = folder / place / name
    try:
        conversation, evaluation = exact_json(recording.conversation), exact_json(recording.evaluation)
    except (ValueError, TypeError, RecursionError) as error:
        raise SlingshotError(
            f"{path}: could not be written as JSON ({error}); correct the recording"
        ) from None
    # In this order: a conversation alone waits to be judged, an evaluation alone is half a recording.
    conversation_file = path.with_name(name.replace("evaluation__", "conversation__", 1))
    write_bytes(conversation_file, conversation.encode(errors="backslashreplace"))
    write_bytes(path, evaluation.encode(errors="backslashreplace"))
    return path


def parse_exactly(text: str) -> Any:
    """The value of a JSON text; numbers with a point or an exponent as `Digits`.

    Raises:
        ValueError: it is no JSON; nor are NaN and Infinity.
    """
    return json.loads(text, parse_float=Digits, parse_constant=refuse_constant)


def exact_json(value: Any) -> str:
    """The JSON text of a value, without spaces; `Digits` as they were written.

    Raises:
        ValueError, TypeError: it is no value of JSON.
    """
    if isinstance(value, dict):
        members = [f"{_quoted(key)}:{exact_json(item)}" for key, item in value.items()]
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join([exact_json(item) for item in value])}]"
    if isinstance(value, Digits):
        return value.text
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _quoted(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"the key {key!r} is no text")
    return json.dumps(key, ensure_ascii=False)


def _folder(path: Path, evaluation: dict[str, Any], below: Path | None) -> PurePosixPath:
    """Where an evaluation's file lies below a folder of recordings."""
    if below is not None:
        if not path.is_relative_to(below):
            raise RequestError(f"{path}: does not lie below {below}; name a folder above it")
        return PurePosixPath(path.parent.relative_to(below))
    name, parts = evaluation["name"], path.absolute().parent.parts
    # The model's folders come after the test case's; they may be called otherwise than the model.
    place = max((place for place, part in enumerate(parts[:-1]) if part == name), default=None)
    if place is None:
        return PurePosixPath(name, evaluation["model"])
    while parts[place - 1] == name:  # some of the leaderboard's lie in TEST CASE/TEST CASE/MODEL
        place -= 1
    return PurePosixPath(*parts[place:])


def _may_be(path: PurePosixPath) -> bool:
    """Whether a file can be called like this, and lies below where the path begins."""
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return not path.is_absolute() and ".." not in path.parts and "\0" not in str(path)


def _in_names(evaluation: dict[str, Any]) -> tuple[str, str, str]:
    """Prompt label, strategy and timestamp."""
    return evaluation["prompt_label"], evaluation["prompt_strategy"], evaluation["timestamp"]
