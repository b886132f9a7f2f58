"""The model being trained: frozen weights, a LoRA adapter on every linear layer, and attention by tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from slingshot.errors import RequestError
from slingshot.models.base_model import load_weights
from slingshot.training.config import TrainingConfig
from slingshot.training.packing.trees import Tree
from slingshot.training.step.attention import attend, attend_masked, blocks_of
from slingshot.training.step.decoder import Decoder, hidden_states, read_decoder
from slingshot.training.step.device import CPU, weights_dtype
from slingshot.training.step.head import head_loss, token_losses
from slingshot.training.step.lora import prepare_to_learn, quantization_options
from slingshot.training.step.passes import PLAIN, Passes
from slingshot.training.step.sharding import is_sharded

_ATTENTION = "slingshot_trees"


def load_for_training(base: Path, config: TrainingConfig, device: torch.device = CPU) -> Any:
    """The base model ready for `tree_loss`, with a fresh adapter if one is to be trained; same seed, same adapter.

    Weights are bfloat16 where the configuration says so, else float32; the adapter is always float32, and begins
    alike on every device.

    Raises:
        RequestError: the model's layers are of a kind that rows in one sequence could not be kept apart in.
    """
    dtype = weights_dtype(config, device)
    model = prepare_to_learn(_load(base, dtype, **quantization_options(config, dtype)), config)
    if device.type == "cpu":
        return model
    torch.set_float32_matmul_precision("high" if config.tf32 else "highest")
    return model.to(device)


def load_for_reading(folder: Path, config: TrainingConfig, device: torch.device = CPU) -> Any:
    """A whole model ready for `target_losses`, its weights in the type that they would be trained in.

    Raises:
        RequestError: as `load_for_training`.
    """
    return _load(folder, weights_dtype(config, device)).requires_grad_(False).eval().to(device)


def _load(folder: Path, dtype: torch.dtype, **options: Any) -> Any:
    from transformers import AttentionInterface

    AttentionInterface.register(_ATTENTION, _attend_by_tree)
    model = load_weights(folder, dtype, attn_implementation=_ATTENTION, **options)
    _refuse_what_mixes_rows(model)
    return model


def causal_lm(model: Any) -> Any:
    """The language model itself, without the adapter's wrapping if there is one."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def trainable(model: Any) -> dict[str, torch.nn.Parameter]:
    """What is learned, by name: the adapter's parameters, or all."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def tree_loss(model: Any, trees: Sequence[Tree], passes: Passes = PLAIN) -> torch.Tensor:
    """Mean cross-entropy in nats over all answer tokens of the trees (scalar, with gradient).

    The trees are laid end to end: matrix products see one long sequence, attention sees each tree alone,
    and the output head sees only positions that have a target.
    """
    flat = _Flat.of(trees, causal_lm(model))
    device = flat.tokens.device
    if flat.decoder is None:
        return cross_entropy(_logits(model, trees, flat), flat.targets.to(device))
    # Rows that share the beginning of their answers learn the same token from the same position.
    pairs, counts = torch.stack([flat.sources, flat.targets]).unique(dim=1, return_counts=True)
    pairs, counts = pairs.to(device), counts.to(device)
    hidden = hidden_states(flat.decoder, flat.tokens, flat.positions, blocks_of(trees), pairs[0], passes)
    return head_loss(hidden, flat.decoder.head, pairs[1], counts, passes)


def target_losses(model: Any, trees: Sequence[Tree]) -> torch.Tensor:
    """Cross-entropy in nats of every answer token of the trees, (N,), row by row as their `targets`; no gradient."""
    with torch.no_grad():
        flat = _Flat.of(trees, causal_lm(model))
        device = flat.tokens.device
        targets = flat.targets.to(device)
        if flat.decoder is None:
            return cross_entropy(_logits(model, trees, flat), targets, reduction="none")
        places, where = (part.to(device) for part in flat.sources.unique(return_inverse=True))
        hidden = hidden_states(flat.decoder, flat.tokens, flat.positions, blocks_of(trees), places, PLAIN)
        return token_losses(hidden[where], flat.decoder.head, targets, PLAIN)


@dataclass(frozen=True)
class _Flat:
    """Trees laid end to end: their tokens, on the model's device; in main memory, where which token is predicted."""

    tokens: torch.Tensor
    positions: torch.Tensor
    sources: torch.Tensor
    targets: torch.Tensor
    decoder: Decoder | None

    @classmethod
    def of(cls, trees: Sequence[Tree], bare: Any) -> "_Flat":
        """Trees lie in main memory, and go to the model piece by piece."""
        offsets = torch.tensor([0, *[len(tree.tokens) for tree in trees[:-1]]]).cumsum(0)
        positions = torch.cat([tree.positions for tree in trees])
        decoder = None if is_sharded(bare) else read_decoder(bare, longest=int(positions.max()) + 1)
        sources = [tree.sources + offset for tree, offset in zip(trees, offsets, strict=True)]
        return cls(
            torch.cat([tree.tokens for tree in trees]).to(bare.device),
            positions.to(bare.device),
            torch.cat(sources),
            torch.cat([tree.targets for tree in trees]),
            decoder,
        )


def _logits(model: Any, trees: Sequence[Tree], flat: _Flat) -> torch.Tensor:
    """At the sources, by the model's own forward pass."""
    said = causal_lm(model)(
        input_ids=flat.tokens[None],
        position_ids=flat.positions[None],
        trees=trees,
        use_cache=False,
        logits_to_keep=flat.sources.to(flat.tokens.device),
    )
    logits: torch.Tensor = said.logits[0].float()
    return logits


def _attend_by_tree(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    trees: Sequence[Tree],
    dropout: float = 0.0,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention within each tree: (1, heads, T, width) in, (1, T, heads, width) out, as transformers asks."""
    if s_aux is not None:
        raise RequestError("models with attention sinks cannot be trained here; choose another base model")
    groups = key.shape[1]
    query = (query[0] * scaling).unflatten(0, (groups, -1)).transpose(1, 2).contiguous()
    longest = max(int(tree.positions.max()) + 1 for tree in trees)
    window = sliding_window if sliding_window and sliding_window < longest else None
    if window or softcap or dropout:
        seen = attend_masked(query, key[0], value[0], trees, window, softcap, dropout)
    else:
        seen = attend(query, key[0].contiguous(), value[0].contiguous(), blocks_of(trees))
    return seen.flatten(1, 2)[None], None


def _refuse_what_mixes_rows(model: Any) -> None:
    """Raise if tokens of one row would reach another on a way other than attention, or attention is not ours."""
    config = model.config
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    other = sorted(kinds - {"full_attention", "sliding_attention"})
    if not other and any(isinstance(module, torch.nn.Conv1d) for module in model.modules()):
        other = ["convolution"]
    if other or not model._supports_attention_backend:
        raise RequestError(
            f"models of the type {config.model_type} cannot be trained here, because their layers "
            f"({', '.join(other) or 'attention of their own'}) do not keep rows of a sequence apart; "
            "choose a model whose layers are attention only"
        )
