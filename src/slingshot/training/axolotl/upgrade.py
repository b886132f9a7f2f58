"""`--upgrade`: an old configuration rewritten with today's keys, comments kept, and a proof that it means the same."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.files import write_text
from slingshot.training.axolotl.modern import Change, modernize
from slingshot.training.axolotl.read_config import Reading, read_config
from slingshot.training.config import TrainingConfig

# What decides about the tokens of the rows and which of them are learned.
_ROW_KEYS = (
    "datasets",
    "test_datasets",
    "chat_template",
    "chat_template_jinja",
    "special_tokens",
    "eot_tokens",
    "train_on_inputs",
    "sequence_len",
    "excess_length",
    "val_set_size",
    "seed",
)


@dataclass(frozen=True)
class Upgrade:
    """A rewritten file.

    Attributes:
        changes: every old key, and what stands in its place.
        warnings: keys that nothing reads today; they were left as they are.
    """

    changes: tuple[Change, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """Whether both files were shown to teach the same, and on what; `held` is None where nothing could be shown."""

    held: bool | None
    says: str


def upgrade(old: Path, new: Path) -> Upgrade:
    """Write `old` in today's form to `new`; only what changes is changed.

    Raises:
        RequestError: `old` cannot be read or has old keys that contradict each other, or `new` is there already.
        SlingshotError: the text could not be rewritten so that it says the same.
    """
    if new.exists():
        raise RequestError(f"--upgrade {new}: this file is there already; choose another name")
    reading = read_config(old)
    text = old.read_text(encoding="utf-8")
    modern = modernize(yaml.safe_load(text))
    if modern.problems:
        lines = {key.key: key.line for key in reading.keys}
        raise RequestError(
            "\n".join(
                f"{old}:{lines['.'.join(map(str, place))]}: {sentence}" for place, sentence in modern.problems
            )
        )
    written = _rewrite(text, modern.changes, old)
    if not _says(written, modern.content):
        raise SlingshotError(
            f"{old}: its layout cannot be rewritten safely; write one key a line and try again"
        )
    write_text(new, written)
    dead = [f"{old}:{key.line}: {key.says}" for key in reading.keys if key.says.startswith("unknown key")]
    return Upgrade(tuple(modern.changes), tuple(dead))


def _says(text: str, content: dict[str, Any]) -> bool:
    try:
        return bool(yaml.safe_load(text) == content)
    except yaml.YAMLError:
        return False


def prove(old: Path, new: Path, base: Path | None, folder: Path) -> Proof:
    """Encode the rows of both files and compare tokens and labels; without a `base`, compare what is read of them.

    The old file's rows are read as its own types were defined, not under today's keys.
    """
    was, is_now = read_config(old), read_config(new)
    if was.given != is_now.given:
        return Proof(False, "the two files give different configurations")
    try:
        before, after = _as_of_old(was), _rows_config(is_now)
        if base is None:
            return _compare_texts(before, after, folder)
        return _compare_tokens(before, after, base, folder)
    except (SlingshotError, ValueError) as error:
        reason = first_line(error)
        return Proof(None, f"that both teach the same tokens could not be proven: {reason}")


def _compare_texts(before: TrainingConfig, after: TrainingConfig, folder: Path) -> Proof:
    from slingshot.training.rows.sources import load_sources

    one, other = load_sources(before, folder), load_sources(after, folder)
    count = len(one.rows) + len(one.validation_rows)
    if one != other:
        return Proof(False, "the two files give different turns, or learn others of them")
    return Proof(True, f"both files give the same turns of {count} rows and learn the same ones")


def _compare_tokens(before: TrainingConfig, after: TrainingConfig, base: Path, folder: Path) -> Proof:
    from slingshot.training.preparing.preflight import prepare

    one, other = (prepare(config, base, folder, folder, True) for config in (before, after))
    rows = [*one.rows, *one.validation_rows]
    if rows != [*other.rows, *other.validation_rows]:
        return Proof(False, "the two files give different tokens, or learn others of them")
    tokens, learned = sum(len(row) for row in rows), sum(row.supervised for row in rows)
    return Proof(
        True,
        f"both files give the same {tokens:,} tokens in {len(rows):,} rows and learn the same {learned:,}",
    )


def _rows_config(reading: Reading) -> TrainingConfig:
    """The part of a configuration that decides about rows; the rest of it may be refused on this machine."""
    return TrainingConfig.model_validate(
        {key: reading.given[key] for key in _ROW_KEYS if key in reading.given}
    )


def _as_of_old(reading: Reading) -> TrainingConfig:
    """The same of an old file, whose ShareGPT entries keep their own type instead of today's keys."""
    config = _rows_config(reading)
    types = {key.key: key.value for key in reading.keys if key.key.endswith(".type")}

    def entries(table: str) -> list[Any]:
        return [
            entry.model_copy(
                update={"type": "sharegpt", "field_messages": "messages"}
                if types.get(f"{table}.{number}.type") == "sharegpt"
                else {}
            )
            for number, entry in enumerate(getattr(config, table))
        ]

    return config.model_copy(update={table: entries(table) for table in ("datasets", "test_datasets")})


def _rewrite(text: str, changes: list[Change], path: Path) -> str:
    """The text with every change made in its place, from the last to the first."""
    root = yaml.compose(text)
    edits = [_edit(text, root, change, path) for change in changes]
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _edit(text: str, root: Any, change: Change, path: Path) -> tuple[int, int, str]:
    """Where a change is made: start and end in the text, and the words that belong there."""
    table = root
    for part in change.place[:-1]:
        table = table.value[part] if isinstance(part, int) else _pair(table, part)[1]
    key, value = _pair(table, change.place[-1])
    start, end, indent = key.start_mark.index, value.end_mark.index, " " * key.start_mark.column
    if table.flow_style:
        where = ".".join(str(part) for part in change.place)
        raise RequestError(
            f"{path}:{key.start_mark.line + 1}: {where} stands in a table of one line ({{…}}); write one key a line"
        )
    if len(change.new) == 1 and not isinstance(value, yaml.ScalarNode):
        return start, key.end_mark.index, next(iter(change.new))
    if change.new:
        return start, end, f"\n{indent}".join(f"{name}:{_flow(new)}" for name, new in change.new.items())
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if text[end:line_end].strip():  # a comment beside the key stays
        return start, end + len(text[end:line_end]) - len(text[end:line_end].lstrip()), ""
    line_start = text.rfind("\n", 0, start) + 1
    if text[line_start:start].strip():  # the first key of a list's entry: the next one takes its place
        return start, min(line_end + 1 + len(indent), len(text)), ""
    return line_start, min(line_end + 1, len(text)), ""


def _flow(value: Any) -> str:
    """A value as YAML behind its key, in one line."""
    if value is None:
        return ""
    words = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000)
    return " " + words.removesuffix("...\n").strip()


def _pair(table: Any, name: str | int) -> tuple[Any, Any]:
    return next((key, value) for key, value in table.value if key.value == name)
