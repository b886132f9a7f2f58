"""A row as one JSON object, in the three shapes that the field uses: ShareGPT, messages and Alpaca."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from slingshot.dataset.files import (
    MESSAGE_KEYS,
    SHAREGPT_KEYS,
    Fault,
    Row,
    about_row,
    conversation_row,
    sharegpt_turn,
    shown,
    without,
)

# The keys by which an object's shape is recognised.
SHAPES = {
    "sharegpt": ("conversations",),
    "messages": ("messages",),
    "alpaca": ("instruction", "output"),
}
_ALPACA = ("instruction", "input", "output", "system", "history")
# What may be lost.
ROW_KEYS = "keys of rows that mean something else in this format"
_MESSAGE_KEYS = "keys of messages beside role and text"
TURN_KEYS = "keys of messages that mean something else in this format"
_TURNS = "whole rows that are no single question with its answer"
_EMPTY_SYSTEM = "system messages without text"


class Written(NamedTuple):
    """A row in a format: its JSON value, None if the format cannot hold it; and what is lost, with an example."""

    value: Any
    lost: dict[str, str]


def shapes_of(value: Any) -> list[str]:
    """The shapes whose keys a value has."""
    if not isinstance(value, dict):
        return []
    return [name for name, keys in SHAPES.items() if all(key in value for key in keys)]


def read_object(value: Any, shape: str) -> Row:
    """The row that an object is.

    Raises:
        Fault: it has another shape.
    """
    if shape == "sharegpt":
        return conversation_row(value, "conversations", SHAREGPT_KEYS)
    if shape == "messages":
        return conversation_row(value, "messages", MESSAGE_KEYS)
    return _from_alpaca(value)


def write_object(row: Row, shape: str) -> Written:
    """The object that a row is."""
    if shape == "sharegpt":
        names = {key for message in row.messages for key in message.keys() & set(SHAREGPT_KEYS)}
        lost = {TURN_KEYS: shown(", ".join(sorted(names)))} if names else {}
        return _written(
            row, {"conversations": [sharegpt_turn(m) for m in row.messages]}, {"conversations"}, lost
        )
    if shape == "messages":
        return _written(row, {"messages": row.messages}, {"messages"}, {})
    return _to_alpaca(row)


def _written(row: Row, head: Mapping[str, Any], own: set[str], lost: dict[str, str]) -> Written:
    """An object of the messages in `head` and what else there is of the row, but for the shape's `own` keys."""
    about = row.about()
    if twice := sorted(about.keys() & own):
        lost = lost | {ROW_KEYS: shown(", ".join(twice))}
    return Written({**head, **without(about, own)}, lost)


def _from_alpaca(value: Any) -> Row:
    """Instruction and input become one question, a blank line between them; the message keeps its `input`."""
    if not isinstance(value, dict):
        raise Fault("no object with `instruction` and `output`")
    texts = {key: value.get(key) or "" for key in ("system", "instruction", "input")} | {
        "output": value.get("output")
    }
    for key, text in texts.items():
        if not isinstance(text, str):
            raise Fault(f"no text under `{key}`")
    messages = [{"role": "system", "content": texts["system"]}] if texts["system"] else []
    messages += _history(value.get("history") or [])
    messages.append({"role": "user", "content": _question(texts["instruction"], texts["input"])})
    if texts["input"]:
        messages[-1]["input"] = texts["input"]
    messages.append({"role": "assistant", "content": texts["output"]})
    return Row(messages, **about_row(without(value, _ALPACA)))


def _history(turns: Any) -> list[dict[str, Any]]:
    """Earlier turns, as some Alpaca files have them: pairs of question and answer."""
    if not isinstance(turns, list) or not all(
        isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn)
        for turn in turns
    ):
        raise Fault("`history` is no list of pairs, a question and its answer each")
    roles = ("user", "assistant")
    return [{"role": role, "content": text} for turn in turns for role, text in zip(roles, turn, strict=True)]


def _question(instruction: str, given: str) -> str:
    return "\n\n".join(text for text in (instruction, given) if text)


def _to_alpaca(row: Row) -> Written:
    roles = [message["role"] for message in row.messages]
    if roles not in (["user", "assistant"], ["system", "user", "assistant"]):
        return Written(None, {_TURNS: f"{len(roles)} messages"})
    asked = row.messages[-2]
    question, given = asked["content"], asked.get("input")
    instruction = question.removesuffix(given).removesuffix("\n\n") if isinstance(given, str) else ""
    if not given or _question(instruction, given) != question:
        instruction, given = question, ""
    value = {"instruction": instruction, "input": given, "output": row.answer}
    lost = {}
    if roles[0] == "system":
        if system := row.messages[0]["content"]:
            value["system"] = system
        else:
            lost[_EMPTY_SYSTEM] = "an empty one"
    held = {id(asked): (*MESSAGE_KEYS, "input")} if given else {}
    others = {key for m in row.messages for key in without(m, held.get(id(m), MESSAGE_KEYS))}
    if others:
        lost[_MESSAGE_KEYS] = shown(", ".join(sorted(others)))
    return _written(row, value, set(_ALPACA), lost)
