"""What Axolotl's other keys mean here: which have a new name, which no effect, and which are refused, and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from slingshot.training.config import DatasetEntry, PromptFormat, SpecialTokens, TrainingConfig
from slingshot.yaml_files import read_yaml

Class = Literal["honoured", "mapped", "no effect", "refused"]
Table = Literal["", "datasets", "datasets.type", "special_tokens"]

# Keys whose meaning depends on their value; `translate` and `modern` have a rule for each.
TRANSLATED = (
    "batch_size",
    "excess_length_strategy",
    "bfloat16",
    "float16",
    "float32",
    "fp16",
    "model_type",
    "plugins",
)
TRANSLATED_OF_DATASETS = ("conversation", "message_field_role", "message_field_content")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Group(_Part):
    why: str
    keys: list[str]
    harmless: list[bool] | None = None


class _Groups(_Part):
    no_effect: list[_Group] = []
    unsupported: list[_Group] = []


class _Plugins(_Part):
    no_effect: list[str]
    unsupported: list[str]


class KeyLists(_Groups):
    """The file `axolotl_keys.yml`."""

    renamed: dict[str, str]
    attention_switches: dict[str, str]
    dead: dict[str, str]
    tables: dict[str, list[str]]
    datasets: _Groups
    special_tokens: _Groups
    plugins: _Plugins
    optimizers: dict[str, str]


@dataclass(frozen=True)
class Meaning:
    """What a key is here, whatever its value, and why; `off` are the values with which it asks for nothing."""

    kind: Literal["honoured", "translated", "no effect", "unsupported", "dead", "unknown"]
    why: str
    off: tuple[Any, ...] = (False, 0, "", [], {})

    def asks(self, value: Any) -> bool:
        """Whether a key with this value asks for something."""
        return not any(
            value is off or (value == off and type(value) is type(off)) for off in (None, *self.off)
        )


@cache
def key_lists() -> KeyLists:
    """What `axolotl_keys.yml` says."""
    return read_yaml(Path(__file__).with_name("axolotl_keys.yml"), KeyLists, "a list of keys")[0]


def meaning(key: str, table: Table = "") -> Meaning:
    """What a key of a table is here; the table of all others is the file itself."""
    return _meanings(table).get(key) or Meaning(
        "unknown", f"unknown key {key}{nearest(key, known_keys(table))}"
    )


def known_keys(table: Table = "") -> list[str]:
    """Every key that a table may have, whether it is honoured or not; dead ones left out."""
    return [key for key, what in _meanings(table).items() if what.kind != "dead"]


def nearest(key: str, known: Iterable[str]) -> str:
    """How a sentence about an unknown key ends: with the nearest known one, if there is one."""
    close = get_close_matches(key, list(known), n=1, cutoff=0.7)
    return (
        f"; did you mean {close[0]}?"
        if close
        else "; remove it (`slingshot train --schema` lists what is known)"
    )


def unknown_inside(table: str, key: str) -> str | None:
    """A sentence about a key inside a table without effect, if it is none of that table's."""
    known = key_lists().tables.get(table)
    if known is None or key.removeprefix("fsdp_") in known or key in known:
        return None
    return f"unknown key {table}.{key}{nearest(key, known)}"


@cache
def _meanings(table: Table) -> dict[str, Meaning]:
    lists = key_lists()
    if table == "datasets.type":
        return _honoured(PromptFormat)
    if table == "datasets":
        translated = {key: Meaning("translated", "") for key in TRANSLATED_OF_DATASETS}
        return _grouped(lists.datasets) | translated | _honoured(DatasetEntry)
    if table == "special_tokens":
        return _grouped(lists.special_tokens) | _honoured(SpecialTokens)
    translated = {
        key: Meaning("translated", "") for key in (*lists.renamed, *lists.attention_switches, *TRANSLATED)
    }
    dead = {key: Meaning("dead", f"unknown key {key}; {what}") for key, what in lists.dead.items()}
    return dead | _grouped(lists) | translated | _honoured(TrainingConfig)


def _honoured(model: type[BaseModel]) -> dict[str, Meaning]:
    return {key: Meaning("honoured", field.description or "") for key, field in model.model_fields.items()}


def _grouped(groups: _Groups) -> dict[str, Meaning]:
    found = {key: Meaning("no effect", group.why) for group in groups.no_effect for key in group.keys}
    for group in groups.unsupported:
        for key in group.keys:
            found[key] = Meaning(
                "unsupported", group.why, *([tuple(group.harmless)] if group.harmless else [])
            )
    return found
