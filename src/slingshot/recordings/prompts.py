"""The very messages that recordings hold, so that another model can be asked the same, word for word."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from slingshot.errors import RequestError, SlingshotError, suggest
from slingshot.models.conversation import Conversation
from slingshot.recordings.answers import recorded_suite
from slingshot.recordings.files import ONE_SHOT, conversation_files, parse_file_name, read_conversation
from slingshot.recordings.opened import evaluation_of, origin_of
from slingshot.recordings.packed import refuse_packed
from slingshot.suite import PROMPT_TEMPLATES, PromptTemplate, TestCase, render_prompt

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
        RequestError: there are no one-shot recordings, or none of a label, or they are packed.
        SlingshotError: a file is broken.
    """
    wordings: dict[Cell, dict[tuple[tuple[str, str], ...], _Wording]]
    wordings = defaultdict(lambda: defaultdict(_Wording))
    known: set[str] | None = None
    there = set[str]()
    refuse_packed(folder, "asking what they were asked")
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


def recorded_templates(
    messages: Mapping[Cell, list[dict[str, str]]], suite: Sequence[TestCase]
) -> dict[str, PromptTemplate]:
    """The templates behind recorded messages, by prompt label, to ask other test cases in the same words.

    A test case's prompt is where `{{task}}` stood, its first example where `{{data}}` did. A label is left out where
    no single template gives all its messages.

    Args:
        messages: what was asked of each cell.
        suite: definitions of the test cases.
    """
    by_label = defaultdict[str, dict[str, list[dict[str, str]]]](dict)
    for (name, label), asked in messages.items():
        by_label[label][name] = asked
    cases = {case.name: case for case in suite}
    found = {}
    for label, of_cases in by_label.items():
        templates = {
            _template_of(label, asked, cases[name]) for name, asked in of_cases.items() if name in cases
        }
        if len(templates) == 1 and (template := templates.pop()):
            found[label] = template
    return found


def _template_of(label: str, asked: list[dict[str, str]], test_case: TestCase) -> PromptTemplate | None:
    """The template that gives these messages for a test case, a built-in one first; None if none does."""
    built_in = PROMPT_TEMPLATES.get(label)
    if built_in and render_prompt(built_in, test_case) == list(asked):
        return built_in
    if [message["role"] for message in asked] != ["system", "user"]:
        return None
    system, user = (
        message["content"].replace(test_case.prompt, "{{task}}").replace(test_case.examples[0], "{{data}}")
        for message in asked
    )
    template = PromptTemplate(label, system, user)
    try:
        same = render_prompt(template, test_case) == list(asked)
    except RequestError:  # the prompt is nowhere in it, or it shows marks of its own
        return None
    return template if same else None
