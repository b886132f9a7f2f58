"""What one key of today's Axolotl means here, with its value: honoured, said otherwise, without effect or refused."""

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from slingshot.errors import suggest
from slingshot.processor import cpu_has_bf16
from slingshot.training.axolotl.keys import Class, Table, key_lists, meaning, unknown_inside
from slingshot.training.axolotl.modern import Place
from slingshot.training.rows.sources import TYPES
from slingshot.training.rows.templates import BUILT_IN

_TABLES: tuple[Table, ...] = ("datasets", "special_tokens")
_EXCESS = {"raise": "error", "truncate": "cut"}
# When else Axolotl uploads: with every checkpoint, in one way or another.
_UPLOADS = ("every_save", "checkpoint", "all_checkpoints")


@dataclass(frozen=True)
class Translated:
    """What is made of a key; `given` are the keys of our configuration that it sets, in the same table."""

    kind: Class
    says: str
    given: dict[str, Any] = field(default_factory=dict)


def translate(place: Place, value: Any, content: dict[str, Any]) -> Translated:
    """Look at one key (the leaf at `place`) of a file that speaks today's names; `content` is all of it."""
    if place[0] == "plugins" and len(place) > 1:
        return _plugin(str(value))
    table, prefix = _table_of(place)
    key = str(place[len(prefix)])
    translated = _by_meaning(key, value, table)
    nested = place[len(prefix) + 1 :]
    if nested and translated.kind != "refused" and (sentence := unknown_inside(key, str(nested[0]))):
        return Translated("refused", sentence)
    if value is None and place == ("adapter",):  # a recipe's default is another
        return Translated("honoured", "all weights are trained", {"adapter": None})
    if value is None or translated.kind == "refused" or nested:
        return translated
    if table == "datasets" and key == "type":
        return _dataset_type(value) or translated
    if key == "chat_template" and table in ("", "datasets"):
        return _chat_template(str(value)) or translated
    return (_by_value(key, value, content) or translated) if table == "" else translated


def _table_of(place: Place) -> tuple[Table, Place]:
    """The table that a leaf is a key of, and the part of its place that leads there."""
    if place[0] in ("datasets", "test_datasets") and len(place) > 2:
        return (
            ("datasets.type", place[:3]) if len(place) > 3 and place[2] == "type" else ("datasets", place[:2])
        )
    if place[0] == "special_tokens" and len(place) > 1:
        return "special_tokens", place[:1]
    return "", ()


def _by_meaning(key: str, value: Any, table: Table) -> Translated:
    """What the lists say of a key; of translated ones its value decides further."""
    known = meaning(key, table)
    if known.kind == "translated":
        return Translated("no effect", "not given")
    if known.kind == "honoured":
        given = {key: value} if value is not None else {}
        return Translated("honoured", known.why if value is not None else f"not given: {known.why}", given)
    if known.kind == "no effect":
        return Translated("no effect", known.why)
    if (known.kind == "unknown" and value is not None) or known.asks(value):
        return Translated(
            "refused", known.why if known.kind != "unsupported" else f"not done here: {known.why}"
        )
    return Translated(
        "no effect", known.why if known.kind != "unsupported" else f"not asked for; {known.why}"
    )


def _by_value(key: str, value: Any, content: dict[str, Any]) -> Translated | None:
    """Keys whose meaning here depends on their value; None: as their own name says."""
    match key:
        case "adapter" if value == "qlora":
            return _qlora(content.get("load_in_4bit"))
        case "load_in_8bit" | "load_in_4bit" if _yes(value) and not find_spec("bitsandbytes"):
            why = f"{key} needs the package bitsandbytes; install it with `pip install bitsandbytes`"
            return Translated("refused", f"{why}, or remove the key")
        case "optimizer" if str(value) in key_lists().optimizers:
            plain = key_lists().optimizers[str(value)]
            return Translated(
                "mapped",
                f"optimizer: {plain}: its averages are kept in memory, in float32",
                {key: plain},
            )
        case "gradient_checkpointing" if value in ("offload", "offload_disk", "unsloth"):
            return Translated(
                "mapped", "gradient_checkpointing: true: what is kept stays on the device", {key: True}
            )
        case "eval_strategy" | "save_strategy" if value is False:
            return Translated("honoured", meaning(key).why, {key: "no"})  # YAML reads a bare no as false
        case "warmup_steps" if _below_one(value):
            if content.get("warmup_ratio") is not None:
                return Translated(
                    "refused", "warmup_steps below 1 is a warmup_ratio, and that is there too; keep one"
                )
            return Translated(
                "mapped",
                f"warmup_ratio: {value}: a part of a step is a share of all",
                {"warmup_ratio": value},
            )
        case "bf16" if _yes(value) and not cpu_has_bf16() and not _on_gpu():
            why = "though this CPU has no instructions for it and will be slow; auto would take float32"
            return Translated("honoured", f"weights in bfloat16, {why}", {key: value})
        case "fp16" | "float16":
            return _float16(key, value, content.get("bf16"))
        case "tf32" if str(value).lower() in ("true", "false", "auto") and not _on_gpu():
            return Translated("no effect", "TensorFloat-32 is a format of GPUs, and there is none here")
        case "hub_strategy" if value in _UPLOADS:
            return Translated(
                "mapped",
                "hub_strategy: end: checkpoints stay here, the result is uploaded once, after training",
                {key: "end"},
            )
        case "batch_flattening" if _yes(value) and _yes(content.get("sample_packing")):
            return Translated(
                "refused", "batch_flattening and sample_packing both lay rows end to end; keep one"
            )
        case "excess_length_strategy":
            return _excess(str(value), content.get("excess_length"))
        case "bfloat16" | "float32":
            return _whole_precision(key, value, content.get("bf16"))
        case "model_type":
            return _model_type(str(value))
        case "plugins":
            return Translated("no effect", "no plugin is named") if not value else _plugin(str(value))
    return None


def _qlora(in_4bit: Any) -> Translated:
    if in_4bit is not None and not _yes(in_4bit):
        return Translated(
            "refused", "adapter: qlora is LoRA on weights in 4 bits, and load_in_4bit says no; keep one"
        )
    if not find_spec("bitsandbytes"):
        why = "adapter: qlora needs the package bitsandbytes; install it with `pip install bitsandbytes`"
        return Translated("refused", f"{why}, or write adapter: lora without load_in_4bit")
    return Translated(
        "mapped", "adapter: lora, with load_in_4bit: true", {"adapter": "lora", "load_in_4bit": True}
    )


def _excess(value: str, ours: Any) -> Translated:
    if value == "drop":
        why = "rows are never left out silently; write excess_length_strategy: raise or truncate"
        return Translated("refused", f"excess_length_strategy: drop: {why}")
    if value not in _EXCESS:
        return Translated("refused", f"excess_length_strategy: {value} is unknown{suggest(value, _EXCESS)}")
    if ours not in (None, _EXCESS[value]):
        return Translated(
            "refused",
            f"excess_length_strategy: {value} and excess_length: {ours} contradict each other; keep one",
        )
    return Translated("mapped", f"excess_length: {_EXCESS[value]}", {"excess_length": _EXCESS[value]})


def _whole_precision(key: str, value: Any, bf16: Any) -> Translated:
    """`bfloat16` and `float32`: weights wholly in that format."""
    ours: Any = "full" if key == "bfloat16" else False
    if not _yes(value):
        return Translated("no effect", "not asked for; bf16 says the format of the weights")
    if bf16 is not None and bf16 != "auto" and (_yes(bf16) or bf16 == "full") != (ours == "full"):
        return Translated("refused", f"{key}: true and bf16: {bf16} contradict each other; keep one")
    said = "full" if ours else "false"
    return Translated("mapped", f"bf16: {said}", {"bf16": ours})


def _float16(key: str, value: Any, bf16: Any) -> Translated:
    """`fp16` and `float16`: weights in half the bits, which are bfloat16's here."""
    if not _yes(value):
        return Translated("no effect", "not asked for; bf16 says the format of the weights")
    if _yes(bf16) or bf16 == "full":
        return Translated("refused", f"{key} and bf16 ask for two formats of the same weights; keep one")
    why = (
        "float16 loses small gradients unless its loss is scaled, which is not done here, and is slow on CPUs"
    )
    if bf16 in (None, "auto"):
        return Translated(
            "mapped", f"bf16: auto: bfloat16, or float32 where that is slow; {why}", {"bf16": "auto"}
        )
    return Translated("mapped", f"bf16: false: weights stay in float32; {why}")


def _model_type(value: str) -> Translated:
    if value.endswith(("ForCausalLM", "LMHeadModel")):
        return Translated("no effect", meaning("tokenizer_type").why)
    return Translated(
        "refused", f"model_type: {value}: only models that continue a text (…ForCausalLM) are trained here"
    )


def _chat_template(value: str) -> Translated | None:
    if value in (*BUILT_IN, "jinja", "tokenizer_default") or value.startswith("tokenizer_default_fallback_"):
        return None
    own = "if it is the base model's own, write tokenizer_default"
    return Translated(
        "refused", f"chat_template: {value} is not built in, only {', '.join(BUILT_IN)} are; {own}"
    )


def _dataset_type(value: Any) -> Translated | None:
    types = [name for name in TYPES if name != "sharegpt"]
    if not isinstance(value, str) or value in types:
        return None
    if value in ("chat_template.default", "chat_template.load"):
        return Translated("mapped", "type: chat_template", {"type": "chat_template"})
    table = "write its format as a table with field_instruction, field_output and format"
    return Translated("refused", f"type: {value} is not built in; {table}{suggest(value, types)}")


def _plugin(name: str) -> Translated:
    parts, lists = name.split("."), key_lists().plugins
    if any(part in lists.no_effect for part in parts):
        return Translated("no effect", "it changes speed or logging on a GPU, not what is learned")
    if any(part in lists.unsupported for part in parts):
        return Translated(
            "refused", f"plugin {name}: not done here: it changes how or what is learned; remove it"
        )
    return Translated(
        "refused", f"plugin {name}: plugins' code is not run, and this one is unknown; remove it"
    )


def _on_gpu() -> bool:
    """Whether training would run on a GPU here."""
    from slingshot.training.step.device import training_device  # torch is slow to import

    return bool(training_device().type == "cuda")


def _yes(value: Any) -> bool:
    """Whether a value means true, as text too."""
    return str(value).lower() in ("true", "yes", "on", "y", "t", "1")


def _below_one(value: Any) -> bool:
    try:
        return 0 < float(value) < 1
    except (TypeError, ValueError):
        return False
