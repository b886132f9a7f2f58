"""Dataset files: their rows, and what can be wrong with a row."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slingshot.dataset.json_files import Record, json_line, records
from slingshot.errors import RequestError, suggest
from slingshot.recordings.problems import Problem

# Of an answer: files joined by mistake hold more, nothing that can be learned does.
MOST_CHARACTERS = 1_000_000

# The names that the field's files have for four roles.
ROLES = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
}
SHAREGPT_KEYS, MESSAGE_KEYS = ("from", "value"), ("role", "content")
_IN_SHAREGPT = {"user": "human", "assistant": "gpt"}
_ABOUT = ("test_case", "prompt_label", "source", "licence")


@dataclass(frozen=True)
class Row:
    """One conversation to learn from.

    Attributes:
        messages: each with `role` (system, user, assistant or tool) and `content` (text), and whatever else
            the file had in it; the last is the answer.
        test_case: what is asked.
        prompt_label: how it is asked.
        source: the model that answered.
        licence: a note on the answer's licence, where it is known.
        beyond: keys of the file's row that mean nothing here.
    """

    messages: list[dict[str, Any]]
    test_case: str = ""
    prompt_label: str = ""
    source: str = ""
    licence: str = ""
    beyond: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """The text that is learned."""
        answer: str = self.messages[-1]["content"]
        return answer

    def about(self) -> dict[str, Any]:
        """All but the messages, as it stands in a file."""
        known = {"test_case": self.test_case, "prompt_label": self.prompt_label, "source": self.source}
        return known | ({"licence": self.licence} if self.licence else {}) | dict(self.beyond)

    def to_json(self) -> str:
        """The row as one line of ShareGPT JSON, with where it comes from beside the conversation."""
        turns = [sharegpt_turn(message) for message in self.messages]
        return json_line({"conversations": turns} | without(self.about(), ["conversations"]))


class Fault(ValueError):
    """What is wrong with a row, said without its place."""


def sharegpt_turn(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as ShareGPT writes it."""
    role = message["role"]
    turn = {"from": _IN_SHAREGPT.get(role, role), "value": message["content"]}
    return turn | without(message, MESSAGE_KEYS + SHAREGPT_KEYS)


def without(values: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """The values but those under these keys."""
    return {key: value for key, value in values.items() if key not in keys}


def shown(value: Any) -> str:
    """A file's word in a sentence: neither long nor with characters that would steer a terminal."""
    text = str(value)[:80]
    return text if text.isprintable() else ascii(text)


def read_rows(path: Path) -> list[Row]:
    """Read a `train.jsonl` in ShareGPT form (`conversations`) or OpenAI's (`messages`).

    Raises:
        RequestError: the file is missing, or a line is not such a row; the first such line is named.
    """
    rows = []
    for item in checked_rows(records(path), _row):
        if isinstance(item, Problem):
            raise RequestError(item.sentence)
        rows.append(item)
    return rows


def checked_rows(items: Iterable[Record | Problem], read: Callable[[Record], Row]) -> Iterator[Row | Problem]:
    """The rows that `read` makes of a split's records, or what is wrong with a record.

    Beside what `read` refuses, a row is refused for its messages, see `check_messages`, and for an `id` that
    an earlier row has.
    """
    first_of: dict[str, str] = {}
    for item in items:
        if isinstance(item, Problem):
            yield item
            continue
        try:
            row = read(item)
            check_messages(row.messages)
            if (name := row.beyond.get("id")) is not None:
                first = first_of.setdefault(json.dumps(name), item.place)
                if first != item.place:
                    raise Fault(f"the id {shown(name)} is that of {first} already; give each row its own")
        except Fault as fault:
            yield item.problem(str(fault))
        else:
            yield row


def _row(record: Record) -> Row:
    """A row in either form."""
    value = record.value
    if isinstance(value, dict) and "messages" in value:
        return conversation_row(value, "messages", MESSAGE_KEYS)
    return conversation_row(value, "conversations", SHAREGPT_KEYS)


def conversation_row(value: Any, key: str, names: tuple[str, str]) -> Row:
    """A row from an object that holds its messages in a list under `key`.

    Args:
        value: the object.
        key: `conversations` or `messages`.
        names: the keys of role and text in a message; the other usual pair is read where these are missing.

    Raises:
        Fault: it is no such object.
    """
    if not isinstance(value, dict) or not isinstance(value.get(key), list):
        raise Fault(f"no object with a list of messages under `{key}`")
    turns, other = value[key], MESSAGE_KEYS if names == SHAREGPT_KEYS else SHAREGPT_KEYS
    messages = []
    for number, turn in enumerate(turns, 1):
        if not isinstance(turn, dict):
            raise Fault(f"message {number} is no object")
        role, content = names if names[0] in turn or other[0] not in turn else other
        messages.append(message_of(number, turn, role, content))
    return Row(messages, **about_row(without(value, [key])))


def message_of(number: int, turn: Mapping[str, Any], role: str, content: str) -> dict[str, Any]:
    """A message, from one that has its role under the key `role` and its text under `content`.

    Raises:
        Fault: the role is unknown, the content no text, or both are there twice.
    """
    name, text = turn.get(role), turn.get(content)
    if not isinstance(name, str):
        raise Fault(f"message {number} names no role under `{role}`")
    if name not in ROLES:
        raise Fault(f"message {number} has the unknown role {shown(name)}{suggest(name, ROLES)}")
    if text is None and turn.get("tool_calls"):
        text = ""  # as endpoints record an answer that only calls tools
    if not isinstance(text, str):
        kind = {type(None): "nothing", list: "a list", dict: "an object"}.get(type(text), shown(text))
        raise Fault(f"message {number} holds {kind} under `{content}`; text is wanted")
    others = without(turn, (role, content))
    if twice := sorted(others.keys() & set(MESSAGE_KEYS)):
        raise Fault(f"message {number} has both `{role}` and `{twice[0]}`; keep one")
    return {"role": ROLES[name], "content": text, **others}


def about_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a file's object says of a row beside its messages, as arguments of `Row`."""
    known = {key: value for key in _ABOUT if isinstance(value := values.get(key) or "", str)}
    return {**known, "beyond": without(values, known)}


def check_messages(messages: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a conversation that cannot be learned from.

    Raises:
        Fault: there is no message; a system message stands after another message; two questions or two
            answers follow each other; an answer follows no question; a tool's result follows no answer;
            the last message is not an answer; a question or an answer is empty; an answer is longer than
            `MOST_CHARACTERS`.
    """
    before = ""
    for number, message in enumerate(messages, 1):
        role, content = message["role"], message["content"]
        if fault := _out_of_order(role, before, number):
            raise Fault(fault)
        if role in ("user", "assistant") and not content.strip() and not message.get("tool_calls"):
            raise Fault(f"message {number}, {'an answer' if role == 'assistant' else 'a question'}, is empty")
        if role == "assistant" and len(content) > MOST_CHARACTERS:
            raise Fault(
                f"message {number} has {len(content):,} characters; an answer has {MOST_CHARACTERS:,} at most"
            )
        before = role
    if not messages:
        raise Fault("it holds no message")
    if before != "assistant":
        raise Fault("the last message is not an answer")
    if not messages[-1]["content"].strip():
        raise Fault("the last message is an answer without text")


def _out_of_order(role: str, before: str, number: int) -> str:
    """Why a message of this role may not follow one of the role `before`; empty if it may."""
    if role == "system" and before:
        return f"message {number} is the system's, whose place is first"
    if role == before == "user":
        return f"messages {number - 1} and {number} are both questions"
    if role == before == "assistant":
        return f"messages {number - 1} and {number} are both answers"
    if role == "assistant" and before in ("", "system"):
        return f"message {number} is an answer, and no question comes before it"
    if role == "tool" and before not in ("assistant", "tool"):
        return f"message {number} is a tool's result that no answer asked for"
    return ""
