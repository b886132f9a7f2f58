"""What an adapter changes: which of its base's parameters, how, and whether it fits.

An adapter's file names every tensor by the layer it belongs to. Each finds its parameter in the base, or merging is
refused: a tensor that is left out without a word is something learned that is forgotten.
"""

import json
import math
import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from slingshot.errors import RequestError
from slingshot.training.merging.weights import Stored, stored_tensors

_PART = re.compile(r"(.+)\.lora_(?:embedding_)?(A|B|magnitude_vector)(\.weight|\.bias)?")

# Settings whose effect on merging is known here, or that have none. Any other that is set is left to peft.
_KNOWN_SETTINGS = {
    "alpha_pattern",
    "auto_mapping",
    "base_model_name_or_path",
    "bias",
    "ensure_weight_tying",
    "exclude_modules",
    "fan_in_fan_out",
    "inference_mode",
    "init_lora_weights",
    "layers_pattern",
    "layers_to_transform",
    "lora_alpha",
    "lora_bias",
    "lora_dropout",
    "megatron_core",
    "modules_to_save",
    "peft_type",
    "peft_version",
    "qalora_group_size",
    "r",
    "rank_pattern",
    "revision",
    "target_modules",
    "task_type",
    "use_dora",
    "use_rslora",
}
# Beginnings of an adapter that change the base's weights as well: computed anew from the base, or lost.
_COMPUTED_FROM_BASE = ("pissa", "olora")
_LOST_WITH_TRAINING = ("corda", "loftq", "lora_ga")
_PEFTS_RANK, _PEFTS_ALPHA = 8, 8  # where the settings do not say


@dataclass(frozen=True)
class Adapter:
    """An adapter's files: its settings as peft writes them, and its tensors by name."""

    folder: Path
    settings: Mapping[str, Any]
    tensors: Mapping[str, Stored]

    @property
    def targets(self) -> set[str]:
        """The names of the base's parameters that it changes."""
        return {_target(name)[0] for name in self.tensors}


@dataclass(frozen=True)
class Change:
    """What an adapter does to one parameter of its base.

    Attributes:
        parts: the adapter's tensors. `instead` takes the parameter's place. `A` (rank, in) and `B` (out, rank) are
            multiplied, scaled and added; `magnitude` (out) is the length that each row has then, if it is given.
            `bias` is scaled and added.
        scale: what is added is multiplied by it.
        transposed: the parameter lies as (in, out).
    """

    parts: Mapping[str, Stored]
    scale: float
    transposed: bool

    def applied_to(self, weights: torch.Tensor) -> torch.Tensor:
        """The parameter with the change, in float32."""
        read = {part: stored.read() for part, stored in self.parts.items()}
        weights = read.get("instead", weights)
        if "bias" in read:
            return weights + read["bias"] * self.scale
        if "A" not in read:
            return weights
        changed = (read["B"] @ read["A"]).mul_(self.scale).add_(weights.T if self.transposed else weights)
        if "magnitude" in read:
            lengths = torch.linalg.norm(changed, dim=1)
            changed.mul_((read["magnitude"] / lengths)[:, None])
        return changed.T if self.transposed else changed


def read_adapter(folder: Path) -> Adapter:
    """Read an adapter's settings, and where its tensors lie.

    Raises:
        RequestError: there is no adapter in the folder.
        SlingshotError: its weights are broken.
    """
    weights, config = folder / "adapter_model.safetensors", folder / "adapter_config.json"
    for file in (weights, config):
        if not file.is_file():
            raise RequestError(f"{folder}: no {file.name} in this folder; train first")
    try:
        settings = json.loads(config.read_bytes())
        settings["peft_type"]
    except (ValueError, KeyError, TypeError):
        raise RequestError(f"{config}: not the settings of an adapter; train again") from None
    begun = str(settings.get("init_lora_weights"))
    if begun.startswith(_LOST_WITH_TRAINING):
        raise RequestError(
            f"{config}: init_lora_weights {begun} changed the base's weights when training began, and they are not "
            "kept here; save the adapter with peft's path_initial_model_for_weight_conversion, then merge that"
        )
    return Adapter(folder, settings, stored_tensors(weights))


def beyond_us(adapter: Adapter, model: Any) -> str | None:
    """What of an adapter only peft can merge, in a few words; None: nothing. `model` is the base without weights."""
    settings = adapter.settings
    if settings["peft_type"] != "LORA":
        return f"it is {settings['peft_type']}"
    begun = str(settings.get("init_lora_weights"))
    if begun.startswith(_COMPUTED_FROM_BASE):
        return f"init_lora_weights is {begun}"
    if other := sorted(key for key, value in settings.items() if value and key not in _KNOWN_SETTINGS):
        return f"{other[0]} is set"
    layers = dict(model.named_modules())
    for name in adapter.tensors:
        parameter, part = _target(name)
        layer = layers.get(parameter.rpartition(".")[0])
        if part != "instead" and layer and not isinstance(layer, (torch.nn.Linear, *_transposed_kinds())):
            return f"{parameter} is of a {type(layer).__name__}"
    return None


def changes_of(adapter: Adapter, model: Any) -> dict[str, Change]:
    """What the adapter changes, by the name of the parameter in `model`, the base without weights.

    Raises:
        RequestError: a tensor of the adapter belongs to no parameter, or does not fit it; it is named.
    """
    parameters = dict(model.named_parameters(remove_duplicate=False))
    layers = dict(model.named_modules())
    names = dict[str, dict[str, str]]()
    for name in adapter.tensors:
        parameter, part = _target(name)
        if parameter not in parameters:
            raise RequestError(
                f"{adapter.folder}: {name} belongs to nothing in this base, which has no {parameter}; name the base "
                "that the adapter was trained on"
            )
        names.setdefault(parameter, {})[part] = name
    changes = dict[str, Change]()
    for parameter, named in names.items():
        layer = parameter.rpartition(".")[0]
        rank, scale = _rank_and_scale(adapter.settings, layer)
        transposed = isinstance(layers[layer], _transposed_kinds())
        fitting = _fitting_shapes(tuple(parameters[parameter].shape), rank, transposed)
        for part, name in named.items():
            if (shape := adapter.tensors[name].shape) != fitting.get(part):
                raise RequestError(
                    f"{adapter.folder}: {name} is {shape} and would have to be {fitting.get(part)} for {parameter} of "
                    "this base; name the base that the adapter was trained on"
                )
        _refuse_halves(adapter, parameter, named.keys())
        parts = {part: adapter.tensors[name] for part, name in named.items()}
        changes[parameter] = Change(parts, scale, transposed)
    return changes


def _target(name: str) -> tuple[str, str]:
    """The parameter that a tensor of an adapter belongs to, and the part it plays."""
    name = name.removeprefix("base_model.model.")
    if not (match := _PART.fullmatch(name)):
        return name.replace(".base_layer.", "."), "instead"
    layer, part, kind = match.groups()
    if kind == ".bias":
        return f"{layer}.bias", "bias"
    return f"{layer}.weight", "magnitude" if part == "magnitude_vector" else part


def _rank_and_scale(settings: Mapping[str, Any], layer: str) -> tuple[int, float]:
    rank = _of_layer(settings.get("rank_pattern"), layer, settings.get("r", _PEFTS_RANK))
    alpha = _of_layer(settings.get("alpha_pattern"), layer, settings.get("lora_alpha", _PEFTS_ALPHA))
    return rank, alpha / (math.sqrt(rank) if settings.get("use_rslora") else rank)


def _of_layer(pattern: Mapping[str, int] | None, layer: str, default: int) -> int:
    """A layer's own value: of the first pattern that the end of its name matches."""
    found = (value for key, value in (pattern or {}).items() if re.match(rf"(.*\.)?({key})$", layer))
    return next(found, default)


def _transposed_kinds() -> tuple[type, ...]:
    """Layers whose weights lie as (in, out)."""
    from transformers.pytorch_utils import Conv1D

    return (Conv1D, torch.nn.Embedding)


def _fitting_shapes(shape: tuple[int, ...], rank: int, transposed: bool) -> dict[str, tuple[int, ...]]:
    """The shape that each part of a change has to have for a parameter of this shape."""
    if len(shape) != 2:
        return {"instead": shape, "bias": shape}
    out, into = shape[::-1] if transposed else shape
    return {"instead": shape, "A": (rank, into), "B": (out, rank), "magnitude": (out,)}


def _refuse_halves(adapter: Adapter, parameter: str, found: Set[str]) -> None:
    whole = {"A", "B", "magnitude"} if adapter.settings.get("use_dora") else {"A", "B"}
    if (low_rank := found - {"instead", "bias"}) and low_rank != whole:
        raise RequestError(
            f"{adapter.folder}: the adapter has {', '.join(sorted(low_rank))} for {parameter}, where its settings ask "
            f"for {', '.join(sorted(whole))}; train again"
        )
