"""The very messages that recordings hold, so that another model can be asked the same, word for word."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from slingshot.errors import RequestError, SlingshotError, suggest
from slingshot.models.conversation import Conversation
from slingshot.recordings.answers import recorded_suite
from slingshot.recordings.files import ONE_SHOT, conversation_files, parse_file_name, read_conversation
from slingshot.recordings.opened import evaluation_of, origin_of

Cell = tuple[str, str]
"""The name of a test case, and a prompt label."""


@dataclass(frozen=True)
class RecordedPrompts:
    """What was asked.

    Attributes:
        messages: for each cell what to send, `[{"role": "system", …}, {"role": "user", …}]`.
        unlike: for each cell that was asked in several wordings, how many of its recordings hold another
            than `messages` does. Cells with one wording are not in it.
    """

    messages: dict[Cell, list[dict[str, str]]]
    unlike: dict[Cell, int]


@dataclass
class _Wording:
    """How many recordings hold some messages, and the latest one's timestamp."""

    count: int = 0
    latest: str = ""


def recorded_prompts(folder: Path, labels: Sequence[str] | None = None) -> RecordedPrompts:
    """The messages up to the first answer of all one-shot recordings below `folder`, cells in their order.

    Of several wordings in a cell the most frequent is taken, of equally frequent ones the latest.

    Args:
        folder: recordings, judged or not, ours or the leaderboard's.
        labels: the prompt labels to read; None: all.

    Raises:
        RequestError: there are no one-shot recordings, or none of a label.
        SlingshotError: a file is broken.
    """
    wordings: dict[Cell, dict[tuple[tuple[str, str], ...], _Wording]]
    wordings = defaultdict(lambda: defaultdict(_Wording))
    known: set[str] | None = None
    there = set[str]()
    for path in conversation_files(folder):
        name = parse_file_name(path.name)
        if not name or name.strategy != ONE_SHOT:
            continue
        there.add(name.prompt_label)
        if labels is not None and name.prompt_label not in labels:
            continue
        conversation, extra = read_conversation(path)
        evaluation = evaluation_of(path)
        if evaluation is None and known is None:
            known = {test_case.name for test_case in recorded_suite(folder)}
        cell = (origin_of(path, known or (), evaluation, extra).test_case, name.prompt_label)
        asked = _question(path, conversation)
        wording = wordings[cell][tuple((message["role"], message["content"]) for message in asked)]
        wording.count += 1
        wording.latest = max(wording.latest, name.timestamp)
    if not there:
        raise RequestError(f"{folder}: no recordings of single questions below this folder; name another")
    for label in labels or ():
        if label not in there:
            raise RequestError(f"{folder}: no recordings of the prompt label {label}{suggest(label, there)}")

    messages: dict[Cell, list[dict[str, str]]] = {}
    unlike: dict[Cell, int] = {}
    for cell, found in sorted(wordings.items()):
        usual = max(found, key=lambda asked: (found[asked].count, found[asked].latest))
        messages[cell] = [{"role": role, "content": content} for role, content in usual]
        if others := sum(wording.count for wording in found.values()) - found[usual].count:
            unlike[cell] = others
    return RecordedPrompts(messages, unlike)


def _question(path: Path, conversation: Conversation) -> list[dict[str, str]]:
    """The messages up to the first answer."""
    asked = list(takewhile(lambda message: message["role"] != "assistant", conversation.messages))
    if not any(message["role"] == "user" for message in asked):
        raise SlingshotError(f"{path}: no user message before the answer; remove the recording and run again")
    return asked
