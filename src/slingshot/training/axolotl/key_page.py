"""docs/training-keys.md, made from the schema: `python -m slingshot.training.axolotl.key_page > docs/training-keys.md`."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from slingshot.training.axolotl.keys import key_lists
from slingshot.training.config import DatasetEntry, PromptFormat, SpecialTokens, TrainingConfig

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Keys of the file", TrainingConfig),
    ("Entries of `datasets` and `test_datasets`", DatasetEntry),
    ("`type` of such an entry, as a table", PromptFormat),
    ("`special_tokens`", SpecialTokens),
)
_OTHERWISE = (
    ("type: sharegpt", "`type: chat_template` with `field_messages` and `message_property_mappings`"),
    ("conversation: chatml", "`chat_template: chatml`"),
    ("message_field_role, message_field_content", "`message_property_mappings`"),
    ("adapter: qlora", "`adapter: lora` with `load_in_4bit: true`"),
    ("batch_size: N", "`gradient_accumulation_steps`: N divided by `micro_batch_size`"),
    (
        "excess_length_strategy: raise, truncate",
        "`excess_length: error`, `excess_length: cut`; drop is refused",
    ),
    ("gradient_checkpointing: offload", "`gradient_checkpointing: true`"),
    ("warmup_steps: 0.1", "`warmup_ratio: 0.1`"),
    ("bfloat16: true", "`bf16: full`"),
    ("float32: true", "`bf16: false`"),
)
_WORDS = {str: "text", bool: "true, false", int: "integer", float: "number"}


def key_page() -> str:
    """The page: all honoured keys with type and default, and everything else with its reason."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Keys of a training configuration"
    yield ""
    yield "`slingshot train` reads Axolotl's YAML. Every key of a file is honoured, mapped to another, without effect"
    yield "here, or refused; `slingshot train CONFIG.yml --check` shows which. `key: null` means that a key is not given."
    for title, model in _TABLES:
        yield from ("", f"## {title}", "", "| key | values | default | meaning |", "|---|---|---|---|")
        for name, field in model.model_fields.items():
            yield f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {_cell(field.description or '')} |"
    lists = key_lists()
    yield from ("", "## Old names", "", "| key | today |", "|---|---|")
    for old, new in lists.renamed.items():
        yield f"| `{old}` | `{new}` |"
    for old, new in lists.attention_switches.items():
        yield f"| `{old}` | `attn_implementation: {new}` |"
    for title, groups in (
        ("Without effect here", lists.no_effect),
        ("Refused where they ask for something", lists.unsupported),
        ("Without effect in entries of `datasets`", lists.datasets.no_effect),
        ("Refused in entries of `datasets`", lists.datasets.unsupported),
    ):
        yield from ("", f"## {title}", "", "| why | keys |", "|---|---|")
        for group in groups:
            yield f"| {_cell(group.why)} | {', '.join(f'`{key}`' for key in group.keys)} |"
    yield from ("", "## Values that are said otherwise here", "", "| key | here |", "|---|---|")
    yield from (f"| `{old}` | {new} |" for old, new in _OTHERWISE)
    yield from ("", "## Optimizers under other names", "", "| optimizer | here |", "|---|---|")
    for old, new in lists.optimizers.items():
        yield f"| `{old}` | `{new}` |"


def _type(annotation: Any) -> str:
    """A type in plain words."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inside[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inside)
    if origin in (Union, UnionType):
        return ", ".join(_type(one) for one in inside if one is not type(None))
    if origin is list:
        return f"list of {_type(inside[0])}"
    return _WORDS.get(origin or annotation, "table")


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "needed"
    value = field.default
    if value is None or isinstance(value, BaseModel) or value == []:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(text: str) -> str:
    return text.replace("|", "or")


if __name__ == "__main__":
    print(key_page(), end="")
