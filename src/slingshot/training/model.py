"""The model being trained: frozen weights, a LoRA adapter on every linear layer, and attention by tree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import cross_entropy, scaled_dot_product_attention

from slingshot.models.base_model import load_weights
from slingshot.processor import cpu_has_bf16
from slingshot.training.config import TrainingConfig
from slingshot.training.lora import prepare_to_learn, quantization_options
from slingshot.training.packing import Tree

_ATTENTION = "slingshot_trees"


def load_for_training(base: Path, config: TrainingConfig) -> Any:
    """The base model ready for `tree_loss`, with a fresh adapter if one is to be trained; same seed, same adapter.

    Weights are bfloat16 where the configuration says so, else float32; the adapter is always float32.
    """
    from transformers import AttentionInterface

    AttentionInterface.register(_ATTENTION, _attend_by_tree)
    in_bf16 = cpu_has_bf16() if config.bf16 == "auto" else config.bf16
    dtype = torch.bfloat16 if in_bf16 else torch.float32
    options = quantization_options(config, dtype)
    return prepare_to_learn(load_weights(base, dtype, attn_implementation=_ATTENTION, **options), config)


def causal_lm(model: Any) -> Any:
    """The language model itself, without the adapter's wrapping if there is one."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def trainable(model: Any) -> dict[str, torch.nn.Parameter]:
    """What is learned, by name: the adapter's parameters, or all."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def tree_loss(model: Any, trees: Sequence[Tree]) -> torch.Tensor:
    """Mean cross-entropy in nats over all answer tokens of the trees (scalar, with gradient).

    The trees are laid end to end: matrix products see one long sequence, attention sees each tree alone,
    and the output head sees only positions that have a target.
    """
    bare = causal_lm(model)
    offsets = torch.tensor([0, *[len(tree.tokens) for tree in trees[:-1]]]).cumsum(0)
    hidden = bare.model(
        input_ids=torch.cat([tree.tokens for tree in trees])[None],
        position_ids=torch.cat([tree.positions for tree in trees])[None],
        tree_masks=[tree.mask for tree in trees],
        use_cache=False,
    ).last_hidden_state[0]
    sources = torch.cat([tree.sources + offset for tree, offset in zip(trees, offsets, strict=True)])
    targets = torch.cat([tree.targets for tree in trees])
    return cross_entropy(bare.lm_head(hidden[sources]).float(), targets)


def _attend_by_tree(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    tree_masks: Sequence[torch.Tensor],
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attention within each tree: (1, heads, T, width) in, (1, T, heads, width) out, as transformers asks."""
    lengths = [len(mask) for mask in tree_masks]
    parts = zip(*(t.split(lengths, dim=2) for t in (query, key, value)), tree_masks, strict=True)
    seen = [
        scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scaling, enable_gqa=True)
        for q, k, v, mask in parts
    ]
    return torch.cat(seen, dim=2).transpose(1, 2).contiguous(), None
