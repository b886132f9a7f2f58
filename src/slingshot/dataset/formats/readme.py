"""A dataset's card in README.md, with the head that Hugging Face reads, and what `dataset.json` says beside it."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from slingshot.dataset.files import Row
from slingshot.recordings.problems import Problem

README, CARD_FILE = "README.md", "dataset.json"
_HEAD = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
# What a head says about a folder's very files.
_OF_FILES = ("configs", "dataset_info", "size_categories")
_SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
}
_INT64 = 2**63


@dataclass(frozen=True)
class Card:
    """What a dataset's folder says of it.

    Attributes:
        head: the YAML at the head of README.md.
        text: what follows it.
        facts: what `dataset.json` holds.
    """

    head: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def read_card(folder: Path) -> tuple[Card, list[Problem]]:
    """The card in a folder, as far as there is one, and what is wrong with its files."""
    problems: list[Problem] = []
    text, head, facts = "", dict[str, Any](), dict[str, Any]()
    try:
        text = (folder / README).read_text(encoding="utf-8")
        if found := _HEAD.match(text):
            text = text[found.end() :]
            head = _table(yaml.safe_load(found[1]))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        problems.append(_unread(folder / README, error))
    try:
        facts = _table(json.loads((folder / CARD_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        pass
    except (OSError, ValueError, RecursionError) as error:
        problems.append(_unread(folder / CARD_FILE, error))
    return Card(head, text, facts), problems


def card_text(card: Card) -> str:
    """README.md for rows in other files than the card was written for; empty if it says nothing."""
    head = {key: value for key, value in card.head.items() if key not in _OF_FILES}
    return (_head_text(head) if head else "") + card.text


def hugging_face_text(
    card: Card,
    files: Mapping[str, str],
    splits: Mapping[str, Sequence[Row]],
    written: Mapping[str, Sequence[Mapping[str, Any]]],
    name: str,
) -> str:
    """README.md of a Hugging Face folder.

    Args:
        card: what the dataset was said to be; what it says of licence and topic stays.
        files: for each split of the folder the file within it.
        splits: the rows.
        written: the same as they are written.
        name: of the dataset, for its title if the card has no text.
    """
    rows = [row for part in splits.values() for row in part]
    head: dict[str, Any] = {} if "license" in card.head else _licence(card.facts, rows)
    head |= {"task_categories": ["text-generation"]}
    head |= {key: value for key, value in card.head.items() if key not in _OF_FILES}
    head["size_categories"] = [next((size for n, size in _SIZES.items() if len(rows) < n), "n>10M")]
    head["configs"] = [
        {
            "config_name": "default",
            "data_files": [{"split": split, "path": path} for split, path in files.items()],
        }
    ]
    # Without it a loader goes by the first rows, and stops at a later one that has another key.
    head["dataset_info"] = {"features": _features([value for part in written.values() for value in part])}
    return _head_text(head) + (card.text if card.text.strip() else _text(name, splits))


def _text(name: str, splits: Mapping[str, Sequence[Row]]) -> str:
    """What there is to say of rows of which nothing is said."""
    rows = [row for part in splits.values() for row in part]
    counted = "".join(f"| {split} | {len(part)} |\n" for split, part in splits.items())
    text = f"\n# {name}\n\nConversations that end with the answer to learn.\n\n| split | rows |\n|---|---|\n{counted}"
    for title, values in (
        ("Test cases", [row.test_case for row in rows]),
        ("Models that answered", [row.source for row in rows]),
        ("Licences of the answers", [row.licence for row in rows]),
    ):
        if any(values):
            text += f"\n{title}: {_counted(values)}.\n"
    return text


def _licence(facts: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    """The licence: as `dataset.json` says it, else as the rows do."""
    said = facts.get("license") or facts.get("licence")
    notes = {row.licence for row in rows}
    if not isinstance(said, str) and len(notes) == 1:
        said = notes.pop()
    elif not isinstance(said, str) and notes:
        said = _counted([row.licence for row in rows])
    if not said:
        return {"license": "unknown"}
    identifier = re.fullmatch(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", said.lower())
    return {"license": said.lower()} if identifier else {"license": "other", "license_details": said}


def _counted(values: Sequence[str]) -> str:
    """Each value with how often it is there, the most frequent first."""
    counts = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{value or 'unknown'} ({count})" for value, count in counts)


def _features(values: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The columns of rows and their types, as a head names them."""
    plain = all(message.keys() == {"role", "content"} for value in values for message in value["messages"])
    parts = [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]
    columns: dict[str, list[Any]] = {}
    for value in values:
        for key, inner in value.items():
            columns.setdefault(key, []).append(inner)
    del columns["messages"]
    return [
        {"name": "messages", "list": parts if plain else "json"},
        *({"name": key, "dtype": _type(inner)} for key, inner in columns.items()),
    ]


def _type(values: Sequence[Any]) -> str:
    """The type of a column's values: `json` stands for any."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {str}:
        return "string"
    if kinds == {bool}:
        return "bool"
    if kinds == {int} and all(value is None or -_INT64 <= value < _INT64 for value in values):
        return "int64"
    return "json"


def _head_text(head: Mapping[str, Any]) -> str:
    return f"---\n{yaml.safe_dump(dict(head), sort_keys=False, allow_unicode=True)}---\n"


def _table(value: Any) -> dict[str, Any]:
    """A table of keys, or a ValueError."""
    if not isinstance(value, dict):
        raise ValueError("it holds no table of keys")
    return value


def _unread(path: Path, error: Exception) -> Problem:
    reason = " ".join(str(error).split())
    return Problem(path, f"{path}:1: what it says of the dataset could not be read ({reason}); mend it")
