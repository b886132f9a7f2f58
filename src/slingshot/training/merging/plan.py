"""What is written: every tensor of the base's files in its place, those that the adapter changes with their change."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.training.merging.adapter import Adapter, Change, changes_of
from slingshot.training.merging.weights import Stored, stored_tensors, weight_files


@dataclass(frozen=True)
class Piece:
    """A tensor to write: where its numbers come from, and what is done to them."""

    source: Stored
    change: Change | None = None


@dataclass(frozen=True)
class Plan:
    """The tensors to write.

    Attributes:
        files: by the base's file that they come from, by name.
        untied: embedding and head were one tensor, and are two from now on.
    """

    files: Mapping[Path, Mapping[str, Piece]]
    untied: bool = False

    @property
    def pieces(self) -> list[Piece]:
        """All of them."""
        return [piece for pieces in self.files.values() for piece in pieces.values()]


def read_structure(base: Path) -> Any:
    """The base model as transformers builds it, without weights: what its layers are, and how they are named.

    Raises:
        RequestError: it is quantized.
        SlingshotError: transformers cannot build it.
    """
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        config = AutoConfig.from_pretrained(base, trust_remote_code=False)
        quantized = getattr(config, "quantization_config", None)
        if not quantized:
            with torch.device("meta"):
                return AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        reason = first_line(error)
        raise SlingshotError(
            f"{base}: transformers cannot build this model ({reason}); check its config.json"
        ) from error
    raise RequestError(
        f"{base}: its weights are quantized, and sums with them would be rounded again; name the base as it was before"
    )


def plan_copy(model: Path) -> Plan:
    """All tensors of a model as they are.

    Raises:
        SlingshotError: its weights are broken, or it has none.
    """
    if not (stored := _stored(model)):
        raise SlingshotError(f"{model}: no model.safetensors in this folder; train again")
    return _by_file({name: Piece(tensor) for name, tensor in stored.items()}, untied=False)


def plan_merge(adapter: Adapter, structure: Any, base: Path) -> Plan | None:
    """The base's tensors with the adapter's changes; None: its files name or stack them otherwise than transformers.

    Where embedding and head are one tensor and the adapter was trained on one of them, the two differ from then on;
    so they become two tensors.

    Raises:
        RequestError: the adapter does not fit this base.
        SlingshotError: the base's weights are broken.
    """
    stored = _stored(base)
    own = {
        parameter: _own_place(parameter, f"{structure.base_model_prefix}.", stored)
        for parameter, _ in structure.named_parameters(remove_duplicate=False)
    }
    tied: Mapping[str, str] = structure.all_tied_weights_keys
    partners = {**tied, **{other: one for one, other in tied.items()}}
    places = {parameter: place or own.get(partners.get(parameter, "")) for parameter, place in own.items()}
    known = {parameter: place for parameter, place in places.items() if place}
    if len(known) < len(places) and not adapter.targets <= known.keys():
        return None
    changes = changes_of(adapter, structure)
    for parameter in changes:
        _check_shape(stored[known[parameter]], known[parameter], structure.get_parameter(parameter))
    pieces = {name: Piece(tensor) for name, tensor in stored.items()}
    untied = False
    for one, other in tied.items():
        if not changes.keys() & {one, other}:
            continue
        if adapter.settings.get("ensure_weight_tying"):
            # Learned as one, and written down for one or for both.
            changes[one] = changes[other] = changes.get(other) or changes[one]
            continue
        untied = True
        if left_out := next((name for name in (one, other) if own[name] is None), None):
            pieces[left_out] = Piece(stored[known[left_out]], changes.pop(left_out, None))
    for parameter, change in changes.items():
        pieces[known[parameter]] = Piece(stored[known[parameter]], change)
    return _by_file(pieces, untied)


def _check_shape(tensor: Stored, name: str, parameter: torch.Tensor) -> None:
    if tensor.shape != tuple(parameter.shape):
        raise SlingshotError(
            f"{tensor.file}: {name} is {tensor.shape}, and config.json asks for {tuple(parameter.shape)}; fetch the base "
            "again"
        )


def _own_place(parameter: str, inner: str, stored: Mapping[str, Stored]) -> str | None:
    """The name of a parameter in the files, which may hold the inner model alone."""
    names = (parameter, parameter.removeprefix(inner))
    return next((name for name in names if name in stored), None)


def _stored(model: Path) -> dict[str, Stored]:
    return {name: tensor for file in weight_files(model) for name, tensor in stored_tensors(file).items()}


def _by_file(pieces: Mapping[str, Piece], untied: bool) -> Plan:
    files = dict[Path, dict[str, Piece]]()
    for name, piece in pieces.items():
        files.setdefault(piece.source.file, {})[name] = piece
    return Plan(files, untied)
