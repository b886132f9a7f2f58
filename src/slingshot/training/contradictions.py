"""What a training configuration may not say at once, each with the keys that are at odds."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slingshot.training.config import DatasetEntry, TrainingConfig

LORA_KEYS = (
    "lora_r",
    "lora_alpha",
    "lora_dropout",
    "lora_target_modules",
    "lora_target_linear",
    "lora_modules_to_save",
    "peft_use_dora",
    "peft_use_rslora",
    "load_in_8bit",
    "load_in_4bit",
)
"""Keys that mean nothing where all weights are trained."""
_RIVALS = (
    ("warmup_steps", "warmup_ratio"),
    ("save_steps", "saves_per_epoch"),
    ("eval_steps", "evals_per_epoch"),
)


@dataclass(frozen=True)
class Contradiction:
    """Keys that cannot stand together, and a sentence about it; the first key is the one to look at."""

    keys: tuple[str, ...]
    sentence: str


class Contradictions(ValueError):
    """All contradictions of a configuration."""

    def __init__(self, found: list[Contradiction]) -> None:
        super().__init__("; ".join(one.sentence for one in found))
        self.found = found


def needing_whole_matrices(config: "TrainingConfig") -> str | None:
    """The key of a configuration that looks at whole matrices, which FSDP spreads over processes; None: there is none."""
    asked = {
        "load_in_8bit": config.load_in_8bit,
        "load_in_4bit": config.load_in_4bit,
        "optimizer: adafactor": config.optimizer == "adafactor",
    }
    return next((key for key, value in asked.items() if value), None)


def contradictions(config: "TrainingConfig", given: Set[str]) -> list[Contradiction]:
    """What is at odds in a configuration, of which the keys `given` were written by a person."""
    return [Contradiction(keys, sentence) for keys, sentence in _find(config, given)]


def _find(config: "TrainingConfig", given: Set[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    for one, other in _RIVALS:
        if one in given and other in given and None not in (getattr(config, one), getattr(config, other)):
            yield (one, other), f"{one} and {other} say the same thing twice; keep one"
    for rate, per_epoch, strategy in (
        ("save_steps", "saves_per_epoch", "save_strategy"),
        ("eval_steps", "evals_per_epoch", "eval_strategy"),
    ):
        said = getattr(config, strategy)
        for key in (rate, per_epoch):
            if key not in given or not getattr(config, key):
                continue
            if said == "no" or (said == "epoch" and key == rate):
                yield (strategy, key), f"{strategy}: {said} and {key} contradict each other; keep one"
    if config.adapter is None:
        for key in LORA_KEYS:
            if key in given and getattr(config, key) not in (None, False):
                yield (key, "adapter"), f"{key} does nothing without `adapter: lora`; add that, or remove it"
    elif config.lora_target_linear is False and not config.lora_target_modules:
        yield (
            ("lora_target_linear",),
            "with lora_target_linear: false and no lora_target_modules nothing is adapted; name the layers",
        )
    if config.test_datasets and config.val_set_size:
        yield (
            ("val_set_size", "test_datasets"),
            "val_set_size and test_datasets both say what validation is measured on; keep one",
        )
    if config.load_in_8bit and config.load_in_4bit:
        yield ("load_in_8bit", "load_in_4bit"), "load_in_8bit and load_in_4bit exclude each other; keep one"
    if config.sample_packing == "shared" and config.lora_dropout:
        yield (
            ("sample_packing", "lora_dropout"),
            "sample_packing: shared and lora_dropout: answers would share the prompt's dropped inputs; "
            "write sample_packing: true, or no dropout",
        )
    yield from _templates(config, "chat_template")
    for entry in (*config.datasets, *config.test_datasets):
        yield from _templates(entry, "datasets")
    if config.cosine_min_lr_ratio is not None and config.lr_scheduler != "cosine":
        yield (
            ("cosine_min_lr_ratio", "lr_scheduler"),
            f"cosine_min_lr_ratio does nothing with lr_scheduler: {config.lr_scheduler}; remove one",
        )
    if config.early_stopping_patience and config.eval_every(1, 1) is None:
        yield (
            ("early_stopping_patience",),
            "early_stopping_patience needs validation, which is switched off; remove one",
        )


def _templates(table: "TrainingConfig | DatasetEntry", where: str) -> Iterator[tuple[tuple[str, ...], str]]:
    name = table.chat_template
    if name == "jinja" and not table.chat_template_jinja:
        yield (where,), "chat_template: jinja needs the template in chat_template_jinja; add it"
    if name not in (None, "jinja") and table.chat_template_jinja:
        yield (
            (where,),
            f"chat_template: {name} and chat_template_jinja contradict each other; keep one",
        )
