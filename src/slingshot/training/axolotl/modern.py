"""Old keys of Axolotl under today's names: what `train` reads a file of 2024 as, and what `--upgrade` writes."""

from dataclasses import dataclass, field
from typing import Any

from slingshot.training.axolotl.keys import key_lists

Place = tuple[str | int, ...]

_FROM_VALUE = {"role": "from", "content": "value"}
_ROLE_CONTENT = {"role": "role", "content": "content"}
# Types of 2024 for conversations, and where a turn had its role and its text.
_OLD_TYPES = {
    "sharegpt": _FROM_VALUE,
    "sharegpt:chat": _FROM_VALUE,
    "sharegpt_simple": _FROM_VALUE,
    "sharegpt.load_role": {"role": "role", "content": "value"},
    "sharegpt.load_ultrachat": _ROLE_CONTENT,
}
# What `conversation` could name, as far as a chat template of today prints the same.
_CONVERSATIONS = {"chatml": "chatml", "llama3": "llama3", "llama-3": "llama3", "gemma": "gemma"}


@dataclass(frozen=True)
class Change:
    """An old key, and what stands in its place today, in the same table; `new` is empty where nothing does."""

    place: Place
    new: dict[str, Any]
    says: str
    had_effect: bool = True


@dataclass
class Modern:
    """A file's content under today's names, what was changed, and which old keys cannot be."""

    content: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[tuple[Place, str]] = field(default_factory=list)


def modernize(content: dict[str, Any]) -> Modern:
    """Say the same with today's keys; what is not old stays as it is, in its order."""
    modern = Modern()
    changes = {change.place: change for change in (*_top(content, modern), *_entries(content, modern))}
    changes |= {change.place: change for change in _emptied(content, list(changes.values()))}
    for key, value in content.items():
        if key in ("datasets", "test_datasets") and isinstance(value, list):
            modern.content[key] = [
                _rewritten(entry, (key, number), changes) if isinstance(entry, dict) else entry
                for number, entry in enumerate(value)
            ]
        elif (key,) in changes:
            modern.content |= changes[(key,)].new
        else:
            modern.content[key] = value
    modern.changes = list(changes.values())
    return modern


def _emptied(content: dict[str, Any], changes: list[Change]) -> list[Change]:
    """Keys of today that stand there without a value, beside an old key that gives them one."""
    found = []
    for change in changes:
        table: Any = content
        for part in change.place[:-1]:
            table = table[part]
        found += [
            Change((*change.place[:-1], name), {}, f"not given; {change.place[-1]} says it", False)
            for name in change.new
            if name in table and table[name] is None
        ]
    return found


def _rewritten(entry: dict[str, Any], place: Place, changes: dict[Place, Change]) -> dict[str, Any]:
    written = dict[str, Any]()
    for key, value in entry.items():
        change = changes.get((*place, key))
        written |= change.new if change else {key: value}
    return written


def _top(content: dict[str, Any], modern: Modern) -> list[Change]:
    """Changes of keys that stand alone."""
    lists, found = key_lists(), list[Change]()
    switched = dict[str, str]()
    for key, value in content.items():
        if key in lists.renamed:
            found.append(_renamed(key, lists.renamed[key], value, content, modern))
        elif key in lists.attention_switches:
            new = lists.attention_switches[key]
            if value in (None, False, "false", "False"):
                found.append(Change((key,), {}, "attn_implementation today; not asked for", False))
                continue
            rival = content.get("attn_implementation") or next(iter(switched.values()), None)
            if rival and rival != new:
                modern.problems.append(
                    ((key,), f"{key} and attn_implementation: {rival} contradict each other; keep one")
                )
            given = {} if rival else {"attn_implementation": new}
            switched[key] = new
            found.append(Change((key,), given, f"attn_implementation: {new} today", False))
        elif key == "batch_size" and value is not None:
            found.append(_batch_size(value, content, modern))
    return found


def _renamed(old: str, new: str, value: Any, content: dict[str, Any], modern: Modern) -> Change:
    if value is not None and content.get(new) is not None:
        if content[new] != value:
            modern.problems.append(
                ((old,), f"{old} is {new} today, and the file says {new}: {content[new]} too; keep one")
            )
        return Change((old,), {}, f"{new} today, which is there too")
    return Change((old,), {} if content.get(new) is not None else {new: value}, f"{new} today")


def _batch_size(value: Any, content: dict[str, Any], modern: Modern) -> Change:
    """`batch_size` counted the rows of a whole step."""
    rows, size = content.get("micro_batch_size") or 1, str(value)
    if content.get("gradient_accumulation_steps") is not None:
        modern.problems.append(
            (("batch_size",), "batch_size and gradient_accumulation_steps say the same thing twice; keep one")
        )
    elif not size.isdigit() or not str(rows).isdigit() or int(size) == 0 or int(size) % int(rows):
        modern.problems.append(
            (("batch_size",), f"batch_size: {value} is no multiple of micro_batch_size: {rows}; make it one")
        )
    else:
        steps = int(size) // int(rows)
        return Change(
            ("batch_size",),
            {"gradient_accumulation_steps": steps},
            f"gradient_accumulation_steps: {steps} today",
        )
    return Change(("batch_size",), {}, "gradient_accumulation_steps today")


def _entries(content: dict[str, Any], modern: Modern) -> list[Change]:
    """Changes inside `datasets` and `test_datasets`."""
    found = list[Change]()
    for table in ("datasets", "test_datasets"):
        entries = content.get(table)
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            if isinstance(entry, dict):
                found += _conversations(entry, (table, number), content.get("chat_template"), modern)
                found += _message_fields(entry, (table, number), modern)
    return found


def _conversations(entry: dict[str, Any], place: Place, template: Any, modern: Modern) -> list[Change]:
    """`type: sharegpt` with `conversation`: a chat template, and where its turns have role and text."""
    old, conversation = entry.get("type"), entry.get("conversation")
    if not isinstance(old, str) or old not in _OLD_TYPES:
        return (
            [Change((*place, "conversation"), {}, "only type: sharegpt read it", False)]
            if "conversation" in entry
            else []
        )
    new = {"type": "chat_template"} | {
        key: value
        for key, value in (
            ("field_messages", "conversations" if old != "sharegpt.load_ultrachat" else "messages"),
            ("message_property_mappings", _OLD_TYPES[old]),
        )
        if entry.get(key) is None
    }
    if conversation and str(conversation) not in _CONVERSATIONS:
        modern.problems.append(
            (
                (*place, "conversation"),
                f"conversation: {conversation} is none of today's chat templates; remove it and name a chat_template",
            )
        )
    elif conversation and _CONVERSATIONS[str(conversation)] != template and not entry.get("chat_template"):
        new["chat_template"] = _CONVERSATIONS[str(conversation)]
    changes = [Change((*place, "type"), new, "type: chat_template with its fields today")]
    if "conversation" in entry:
        changes.append(Change((*place, "conversation"), {}, "chat_template today"))
    return changes


def _message_fields(entry: dict[str, Any], place: Place, modern: Modern) -> list[Change]:
    """`message_field_role` and `message_field_content`: a table of both today."""
    old = {key: entry[key] for key in ("message_field_role", "message_field_content") if key in entry}
    given = {key.removeprefix("message_field_"): value for key, value in old.items() if value is not None}
    mappings = entry.get("message_property_mappings")
    if given and isinstance(mappings, dict):
        for name, value in given.items():
            if mappings.get(name, value) != value:
                modern.problems.append(
                    (
                        (*place, f"message_field_{name}"),
                        f"message_field_{name} is message_property_mappings today, and that says "
                        f"{name}: {mappings[name]}; keep one",
                    )
                )
    new = {} if mappings or not given else {"message_property_mappings": _ROLE_CONTENT | given}
    changes = []
    for key in old:
        changes.append(Change((*place, key), new, "message_property_mappings today"))
        new = {}
    return changes
