"""Attention in trees: every token sees its row so far.

Instead of a mask over all pairs of tokens there is a list of blocks: a stretch of queries and the keys that it
sees, those of the segments before it and its own up to its end. All of it is plain matrix products; only
the last square of a block, where queries and keys are the same tokens, needs a mask. On a CPU this takes half
the time of torch's fused attention and a small part of what a mask over all pairs would cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from slingshot.training.packing.trees import Tree

# Queries of a block. Smaller ones compute less above the diagonal, larger ones make better matrix products.
_BLOCK = 256


@dataclass(frozen=True)
class Block:
    """Queries [start, stop) see the keys of the ranges `seen`, which end at `stop`: the last of them causally."""

    start: int
    stop: int
    seen: tuple[tuple[int, int], ...]


def blocks_of(trees: Sequence[Tree]) -> tuple[Block, ...]:
    """The blocks of trees that lie end to end."""
    blocks, offset = list[Block](), 0
    for tree in trees:
        for segment in tree.segments:
            before = [(start + offset, stop + offset) for start, stop in segment.before]
            first, last = segment.start + offset, segment.stop + offset
            for start in range(first, last, _BLOCK):
                stop = min(start + _BLOCK, last)
                blocks.append(Block(start, stop, _joined([*before, (first, stop)])))
        offset += len(tree.tokens)
    return tuple(blocks)


def _joined(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same ranges, those that touch as one."""
    joined = [ranges[0]]
    for start, stop in ranges[1:]:
        if start == joined[-1][1]:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return tuple(joined)


def attend(query: Tensor, key: Tensor, value: Tensor, blocks: tuple[Block, ...]) -> Tensor:
    """Softmax attention in blocks.

    `query` is (groups, T, heads, width), already scaled; `key` and `value` are (groups, T, width): one head of
    keys serves a group of heads of queries. The result is (T, groups, heads, width).
    """
    result: Tensor = _Attention.apply(query, key, value, blocks)
    return result


class _Attention(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, blocks: tuple[Block, ...]) -> Tensor:
        groups, length, heads, width = query.shape
        out = query.new_empty(length, groups, heads, width)
        weights = list[Tensor]()
        for block in blocks:
            scores = torch.bmm(_queries(query, block), _seen(key, block).transpose(1, 2))
            _hide_the_future(scores, block, heads)
            weights.append(torch.softmax(scores, dim=-1))
            mixed = torch.bmm(weights[-1], _seen(value, block))
            out[block.start : block.stop] = mixed.view(groups, -1, heads, width).transpose(0, 1)
        ctx.save_for_backward(query, key, value, *weights)
        ctx.blocks = blocks
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        query, key, value, *weights = ctx.saved_tensors
        gradient = gradient.transpose(0, 1).contiguous()  # as the queries lie
        by_query = torch.empty_like(query)
        by_key, by_value = (t.new_zeros(t.shape, dtype=torch.float32) for t in (key, value))
        for block, weight in zip(ctx.blocks, weights, strict=True):
            outer = _queries(gradient, block)
            _add_seen(by_value, block, torch.bmm(weight.transpose(1, 2), outer))
            by_weight = torch.bmm(outer, _seen(value, block).transpose(1, 2))
            by_score = torch._softmax_backward_data(by_weight, weight, -1, weight.dtype)
            mixed = torch.bmm(by_score, _seen(key, block))
            by_query[:, block.start : block.stop] = mixed.view_as(by_query[:, block.start : block.stop])
            _add_seen(by_key, block, torch.bmm(by_score.transpose(1, 2), _queries(query, block)))
        return by_query, by_key.to(key.dtype), by_value.to(value.dtype), None


def _queries(query: Tensor, block: Block) -> Tensor:
    """The block's queries, those of a group one below the other: (groups, queries * heads, width)."""
    return query[:, block.start : block.stop].flatten(1, 2)


def _seen(keys: Tensor, block: Block) -> Tensor:
    """The keys (or values) that the block sees: (groups, keys, width)."""
    parts = [keys[:, start:stop] for start, stop in block.seen]
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


def _add_seen(total: Tensor, block: Block, gradient: Tensor) -> None:
    """Add the gradient of what `_seen` gave to that of what it was given."""
    parts = gradient.split([stop - start for start, stop in block.seen], dim=1)
    for (start, stop), part in zip(block.seen, parts, strict=True):
        total[:, start:stop] += part


def _hide_the_future(scores: Tensor, block: Block, heads: int) -> None:
    """Set the scores (groups, queries * heads, keys) of keys that come later than their query to -inf."""
    count = block.stop - block.start
    square = scores.unflatten(1, (count, heads))[..., -count:]
    square += _future(count, scores.dtype, scores.device)[:, None]


@lru_cache(maxsize=_BLOCK)
def _future(count: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """(count, count): -inf above the diagonal, else 0."""
    return torch.full((count, count), float("-inf"), dtype=dtype, device=device).triu(1)


def attend_masked(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    trees: Sequence[Tree],
    window: int | None = None,
    softcap: float | None = None,
    dropout: float = 0.0,
) -> Tensor:
    """The same as `attend`, for models whose attention has more to it.

    Slower: scores between all pairs of a tree's tokens. `window` is how many of the last tokens of its row a token
    sees, itself included; `softcap` bounds scores softly; `dropout` is the share of weights set to 0.
    """
    results, start = list[Tensor](), 0
    for tree in trees:
        own = slice(start, start + len(tree.tokens))
        scores = torch.einsum("gqhw,gkw->ghqk", query[:, own], key[:, own]).float()
        if softcap:
            scores = softcap * torch.tanh(scores / softcap)
        mask = tree.mask
        if window:
            mask &= tree.positions[:, None] - tree.positions < window
        weights = scores.masked_fill(~mask.to(scores.device), float("-inf")).softmax(-1).to(value.dtype)
        weights = torch.dropout(weights, dropout, train=True)
        results.append(torch.einsum("ghqk,gkw->qghw", weights, value[:, own]))
        start = own.stop
    return torch.cat(results)
