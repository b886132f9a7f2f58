"""One recording, opened: whose answer it is, the conversation, and what judging found, however little is there.

Unlike `read_answers` this asks for no test case: a recording can be read where its definition is not at hand.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from slingshot.errors import RequestError, SlingshotError
from slingshot.models.conversation import Conversation
from slingshot.recordings.answers import evaluation_from, read_evaluation
from slingshot.recordings.files import conversation_from, evaluation_path, read_conversation
from slingshot.recordings.packed import Pair, find_pair


class Origin(NamedTuple):
    """What a recording answers, and who answered: the names of a test case and of a model."""

    test_case: str
    model: str


@dataclass(frozen=True)
class OpenedRecording:
    """One recording.

    Attributes:
        path: the conversation's file, or where it would lie if it were not packed.
        origin: the test case and the model.
        conversation: all messages; those before the answer that was judged are in `messages`.
        extra: the conversation's key `slingshot`; empty for the leaderboard's.
        evaluation: the evaluation's file as it is; None if the answer was not judged yet.
    """

    path: Path
    origin: Origin
    conversation: Conversation
    extra: Mapping[str, Any]
    evaluation: Mapping[str, Any] | None


def open_recording(path: Path, known: Container[str]) -> OpenedRecording:
    """Open a recording by its conversation's or its evaluation's file; `known` are names of test cases.

    A packed one is opened by the path at which its file would lie.

    Raises:
        RequestError: the file is not there, or is called like neither.
        SlingshotError: one of the two is broken, or the evaluation has no conversation.
    """
    if not path.is_file():
        if pair := find_pair(path):
            return _open_packed(path, pair, known)
        raise RequestError(f"{path}: there is no such file; name a recording's conversation or evaluation")
    if not path.name.startswith(("conversation__", "evaluation__")):
        raise RequestError(
            f"{path}: a recording's files are called conversation__….json and evaluation__….json; name one of them"
        )
    if path.name.startswith("evaluation__"):
        path = path.with_name(path.name.replace("evaluation__", "conversation__", 1))
        if not path.is_file():
            raise SlingshotError(
                f"{evaluation_path(path)}: the conversation that belongs to it is missing; put {path.name} beside it"
            )
    conversation, extra = read_conversation(path)
    evaluation = evaluation_of(path)
    return OpenedRecording(path, origin_of(path, known, evaluation, extra), conversation, extra, evaluation)


def _open_packed(path: Path, pair: Pair, known: Container[str]) -> OpenedRecording:
    """Open a packed recording."""
    path = path.with_name(path.name.replace("evaluation__", "conversation__", 1))
    conversation, extra = conversation_from(pair.conversation, path)
    evaluation = evaluation_from(pair.evaluation, evaluation_path(path))
    return OpenedRecording(path, origin_of(path, known, evaluation, extra), conversation, extra, evaluation)


def evaluation_of(path: Path) -> dict[str, Any] | None:
    """The evaluation of the conversation at `path`; None if it was not judged yet.

    Raises:
        SlingshotError: it is cut short, or no JSON object.
    """
    file = evaluation_path(path)
    return read_evaluation(file) if file.exists() else None


def origin_of(
    path: Path,
    known: Container[str],
    evaluation: Mapping[str, Any] | None,
    extra: Mapping[str, Any] | None = None,
) -> Origin:
    """Whose answer a conversation holds: as its evaluation says, else its key `slingshot` (`extra`), else its path.

    On the path the folders of the model are preceded by the test case's. Where nobody names the model, that is
    the nearest folder that is called like one of the test cases `known`; without one, the one but last.

    Raises:
        SlingshotError: a name is no text.
    """
    parts = path.absolute().parts[:-1]
    model = _text(evaluation, "model", path) or _text(extra, "model", path)
    name = _text(evaluation, "name", path)
    own = PurePosixPath(model).parts
    if not name and own and parts[-len(own) :] == own:
        name = parts[-len(own) - 1]
    places = [place for place, part in enumerate(parts[:-1]) if part in ({name} if name else known)]
    place = places[-1] if places else max(len(parts) - 2, 0)
    return Origin(name or parts[place], model or "/".join(parts[place + 1 :]))


def _text(record: Mapping[str, Any] | None, key: str, path: Path) -> str:
    """The text under a key; empty if there is none."""
    value = (record or {}).get(key) or ""
    if not isinstance(value, str):
        raise SlingshotError(
            f"{path}: {key} in this recording is no text: {value!r}; remove it and run again"
        )
    return value
