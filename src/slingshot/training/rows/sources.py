"""The `datasets:` of a configuration as conversations and texts, each turn with whether it is learned.

Nothing here knows a tokenizer or a template: what becomes of the rows is in `encoding`. A row that cannot be read
is named among the problems and never left out silently.
"""

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError, SlingshotError, suggest
from slingshot.training.config import DatasetEntry, PromptFormat, TrainingConfig
from slingshot.training.rows.encoding import Conversation, PlainText, Source
from slingshot.training.rows.reading import Record, local_place, read_records

TYPES = ("chat_template", "sharegpt", "alpaca", "completion", "input_output")
_ROLES = {
    "system": ["system"],
    "user": ["user", "human"],
    "assistant": ["assistant", "gpt", "model"],
    "tool": ["tool"],
}
_TASK = "Below is an instruction that describes a task"
_ANSWER = "Write a response that appropriately completes the request.\n\n### Instruction:\n{instruction}\n\n"
_ALPACA = PromptFormat(
    field_system="",  # what the field says stands in no row of this format
    format=f"{_TASK}, paired with an input that provides further context. {_ANSWER}### Input:\n{{input}}\n\n### Response:\n",
    no_input_format=f"{_TASK}. {_ANSWER}### Response:\n",
)


@dataclass(frozen=True)
class Sources:
    """What a configuration learns from and is validated on.

    `problems` are sentences about rows and entries that cannot be used as they are, `notes` about choices made.
    """

    rows: list[Source] = field(default_factory=list)
    validation_rows: list[Source] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def load_sources(config: TrainingConfig, folder: Path) -> Sources:
    """Read all `datasets` and `test_datasets`; relative paths are looked up in `folder` first.

    Validation rows are those of `test_datasets`, else of the `validation.jsonl` in a dataset folder of our own,
    else `val_set_size` of the rows, where rows of one test case or one prompt stay on one side.

    Raises:
        RequestError: an entry leads nowhere, is of an unknown type, or no rows are left to train on.
        SlingshotError: the hub does not give a dataset, or a file cannot be read.
    """
    if not config.datasets:
        raise RequestError("datasets: there is nothing to learn from; add an entry with a path")
    found, notes = Sources(), list[str]()
    keys = dict[str, str]()
    for entry in config.datasets:
        _add(found.rows, found.problems, entry, config, folder, keys)
    held = _beside(config, folder)
    for entry in config.test_datasets or held:
        _add(found.validation_rows, found.problems, entry, config, folder, keys)
    if held and not config.test_datasets:
        words = "; val_set_size is set aside" if config.val_set_size else ""
        notes.append(f"validation rows come from the dataset's own validation.jsonl{words}")
    if not found.rows and not found.problems:
        raise RequestError("datasets: all files are empty; nothing can be learned")
    if found.validation_rows:
        found.problems.extend(_straddling(found.rows, found.validation_rows))
    elif config.val_set_size and found.rows:
        rows, validation = split_rows(found.rows, config.val_set_size, config.seed, keys)
        notes.append(
            f"val_set_size {config.val_set_size:g} keeps {len(validation)} of {len(found.rows)} rows for validation: "
            "rows of one prompt or test case stay together"
        )
        return Sources(rows, validation, found.problems, notes)
    return Sources(found.rows, found.validation_rows, found.problems, notes)


def split_rows(
    rows: Sequence[Source], size: float, seed: int, keys: dict[str, str] | None = None
) -> tuple[list[Source], list[Source]]:
    """Rows for training and for validation, about `size` of them: a share below 1, else a number.

    Rows with the same prompt, or the same key (`keys` by place: the test case), go to one side. At least one such
    group stays on each side; the seed decides which.

    Raises:
        RequestError: all rows are one group, which cannot be divided.
    """
    groups = defaultdict[str, list[Source]](list)
    for row in rows:
        groups[(keys or {}).get(row.place) or prompt_of(row)].append(row)
    if len(groups) < 2:
        raise RequestError(
            "val_set_size: all rows have one prompt or test case, and no part of it can be kept for validation; "
            "set val_set_size: 0"
        )
    wanted = size if size >= 1 else size * len(rows)
    order = sorted(groups)
    random.Random(seed).shuffle(order)
    kept, count = set[str](), 0
    for name in order[:-1]:
        # A group more is taken while that brings the number nearer to what was asked.
        if kept and count + len(groups[name]) - wanted > wanted - count:
            continue
        kept.add(name)
        count += len(groups[name])
        if count >= wanted:
            break
    chosen = {id(row) for name in kept for row in groups[name]}
    return [r for r in rows if id(r) not in chosen], [r for r in rows if id(r) in chosen]


def prompt_of(row: Source) -> str:
    """What comes before the first learned turn or piece; of a row that is learned from its start, all of it."""
    if isinstance(row, PlainText):
        texts = [text for text, _ in row.pieces]
        labels = [learned for _, learned in row.pieces]
    else:
        texts = [json.dumps(message) for message in row.messages]
        labels = list(row.learned)
    return "".join(texts[: labels.index(True)] if True in labels else []) or "".join(texts)


def _straddling(rows: Sequence[Source], validation: Sequence[Source]) -> list[str]:
    """A sentence if prompts stand in the training rows and in the validation rows."""
    places = {prompt_of(row): row.place for row in rows}
    both = [(row.place, places[prompt_of(row)]) for row in validation if prompt_of(row) in places]
    if not both:
        return []
    return [
        f"{both[0][0]}: {len(both)} validation rows have prompts that are trained on, this one that of {both[0][1]}; "
        "validation would measure memory, so remove them from one side"
    ]


def _beside(config: TrainingConfig, folder: Path) -> list[DatasetEntry]:
    """Entries for the validation rows in dataset folders of our own."""
    beside = []
    for entry in config.datasets:
        place = local_place(entry, folder)
        ours = place is not None and (place / "dataset.json").is_file()
        if place and ours and not entry.data_files and (place / "validation.jsonl").is_file():
            beside.append(entry.model_copy(update={"path": str(place / "validation.jsonl"), "split": None}))
    return beside


def _add(
    rows: list[Source],
    problems: list[str],
    entry: DatasetEntry,
    config: TrainingConfig,
    folder: Path,
    keys: dict[str, str],
) -> None:
    """Read one entry into `rows`; `keys` gets the test cases of rows that know theirs, by place."""
    if isinstance(entry.type, str) and entry.type not in TYPES:
        raise RequestError(
            f"datasets: {entry.path}: type {entry.type} is unknown{suggest(entry.type, TYPES)}"
        )
    records, broken = read_records(entry, folder)
    problems.extend(broken)
    read, roles = list[Source](), Counter[str]()
    for record in records:
        try:
            row = _row(record, entry, config)
        except SlingshotError as error:
            problems.append(str(error))
            continue
        read.append(row)
        if isinstance(row, Conversation):
            roles.update({message["role"] for message in row.messages})
        if isinstance(case := record.fields.get("test_case"), str):
            keys[row.place] = case
    if roles and not entry.message_field_training:
        there = ", ".join(sorted(roles))
        problems.extend(
            f"{entry.path}: roles_to_train names {role}, which no row has; there are: {there}"
            for role in sorted(_trained_roles(entry) - roles.keys())
        )
    rows.extend(read)


def _row(record: Record, entry: DatasetEntry, config: TrainingConfig) -> Source:
    """One record as the entry's type reads it."""
    inputs = config.train_on_inputs
    if isinstance(entry.type, PromptFormat):
        return _prompted(record, entry.type, inputs)
    if entry.type == "alpaca":
        return _prompted(record, _ALPACA, inputs)
    if entry.type == "completion":
        return PlainText(record.place, ((_text(record, entry.field), True),))
    if entry.type == "input_output":
        return _segments(record)
    return _conversation(record, entry, inputs)


def _conversation(record: Record, entry: DatasetEntry, inputs: bool) -> Conversation:
    """Messages under the names that the entry gives their fields, with labels by role or by their own field."""
    old = entry.type == "sharegpt"  # of 2024: the names of its fields were fixed
    names = {"role": "from", "content": "value"} if old else entry.message_property_mappings
    turns = record.fields.get("conversations" if old else entry.field_messages)
    if not isinstance(turns, list) or not turns:
        raise _no_field(record, "conversations" if old else entry.field_messages, "field_messages")
    known = {name: role for role, given in (entry.roles or _ROLES).items() for name in (role, *given)}
    trained = _trained_roles(entry)
    messages, learned = list[dict[str, str]](), list[bool]()
    for number, turn in enumerate(turns, 1):
        place = f"{record.place}: turn {number}"
        message = _message(turn, names, place)
        if message["role"] not in known:
            raise SlingshotError(
                f"{place}: the role {message['role']!r} is unknown{suggest(message['role'], known)}"
            )
        message["role"] = known[message["role"]]
        if entry.drop_system_message and message["role"] == "system":
            continue
        own = turn.get(entry.message_field_training) if entry.message_field_training else None
        if own is not None and not isinstance(own, bool):
            raise SlingshotError(f"{place}: {entry.message_field_training} is {own!r}; write true or false")
        messages.append(message)
        learned.append(message["role"] in trained if own is None else own)
    if True not in learned:
        raise SlingshotError(
            f"{record.place}: no turn of this row is learned; remove it or see roles_to_train"
        )
    return Conversation(
        record.place, tuple(messages), tuple(learned), entry.train_on_eot or entry.train_on_eos, inputs
    )


def _message(turn: Any, names: dict[str, str], place: str) -> dict[str, str]:
    """A turn's properties under their own names; `role` and `content` are needed, and all are text."""
    if not isinstance(turn, dict):
        raise SlingshotError(f"{place}: a turn is a table of role and content; mend or remove the row")
    message = {}
    for name, given in {"role": "role", "content": "content", **names}.items():
        value = turn.get(given)
        if value is None and name not in ("role", "content"):
            continue
        if not isinstance(value, str):
            words = "is missing" if given not in turn else f"is {type(value).__name__}, no text"
            raise SlingshotError(
                f"{place}: {given} {words}; mend the row, or say in message_property_mappings where {name} is"
            )
        message[name] = value
    return message


def _trained_roles(entry: DatasetEntry) -> set[str]:
    """`roles_to_train` under our names for roles."""
    known = {name: role for role, given in (entry.roles or _ROLES).items() for name in (role, *given)}
    return {known.get(role, role) for role in entry.roles_to_train}


def _prompted(record: Record, style: PromptFormat, inputs: bool) -> PlainText:
    """A row of instruction, input and output under a prompt format."""
    about = record.fields.get(style.field_input) or ""
    system = record.fields.get(style.field_system) or style.system_prompt or ""
    parts = {
        "instruction": _text(record, style.field_instruction),
        "input": str(about),
        "system": (style.system_format or "{system}").replace("{system}", str(system)),
    }
    wanted = (style.format if about else style.no_input_format) or (
        "{instruction} {input} " if about else "{instruction} "
    )
    if "{system}" not in wanted:
        wanted = "{system}" + wanted
    prompt = re.sub(r"\{(instruction|input|system)\}", lambda mark: parts[mark[1]], wanted)
    return PlainText(record.place, ((prompt, inputs), (_text(record, style.field_output), True)))


def _segments(record: Record) -> PlainText:
    """Pieces of text as a row gives them, each with its label; start and end tokens are for the row to write."""
    segments = record.fields.get("segments")
    if not isinstance(segments, list) or not segments:
        raise _no_field(record, "segments", "type")
    pieces = []
    for number, segment in enumerate(segments, 1):
        fields = segment if isinstance(segment, dict) else {}
        text, label = fields.get("text"), fields.get("label")
        if not isinstance(text, str) or not isinstance(label, bool):
            raise SlingshotError(
                f"{record.place}: segment {number} needs text and label (true or false); mend it"
            )
        pieces.append((text, label))
    return PlainText(record.place, tuple(pieces), closed=False)


def _text(record: Record, name: str) -> str:
    """A field that has to be text."""
    value = record.fields.get(name)
    if not isinstance(value, str):
        raise _no_field(record, name, "type and its fields")
    return value


def _no_field(record: Record, name: str, key: str) -> SlingshotError:
    there = ", ".join(map(str, record.fields)) or "nothing"
    return SlingshotError(
        f"{record.place}: the field {name} is missing or of the wrong kind; there are: {there}; see {key}"
    )
