"""The output head and the loss, without ever holding the logits of all positions."""

from typing import Any

import torch
from torch import Tensor

from slingshot.training.step.passes import Passes

# Positions at once: their logits, some 10 MB, stay in the processor's cache.
_ROWS = 128


def head_loss(hidden: Tensor, weight: Tensor, targets: Tensor, counts: Tensor, passes: Passes) -> Tensor:
    """Mean cross-entropy in nats (scalar) of the targets (N,), each counted so often, under a frozen head.

    `hidden` is (N, width), `weight` (words, width). The gradient by `hidden` is found on the way forward, a few
    rows at a time, so that every logit is computed once and none is kept.
    """
    loss: Tensor = _HeadLoss.apply(hidden, weight, targets, counts, passes)
    return loss


def token_losses(hidden: Tensor, weight: Tensor, targets: Tensor, passes: Passes) -> Tensor:
    """Cross-entropy in nats (N,) of each target, as `head_loss`; no gradient."""
    pieces = zip(hidden.split(_ROWS), targets.split(_ROWS), strict=True)
    return torch.cat([passes.token_losses(rows @ weight.t(), named)[0] for rows, named in pieces])


class _HeadLoss(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, counts: Tensor, passes: Passes
    ) -> Tensor:
        total = torch.zeros((), device=hidden.device)
        by_hidden = torch.empty_like(hidden) if ctx.needs_input_grad[0] else None
        shares = counts.float() / counts.sum()
        for start in range(0, len(hidden), _ROWS):
            rows = slice(start, start + _ROWS)
            losses, by_logits = passes.token_losses(hidden[rows] @ weight.t(), targets[rows])
            total += torch.dot(losses, shares[rows])
            if by_hidden is not None:
                torch.mm(by_logits, weight, out=by_hidden[rows])
        ctx.save_for_backward(by_hidden, shares)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        by_hidden, shares = ctx.saved_tensors
        return (by_hidden * (gradient * shares)[:, None]).to(by_hidden.dtype), None, None, None, None
