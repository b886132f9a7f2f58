"""Drawing a token from what the model says: temperature first, then the nucleus, and nothing else."""

import torch

from slingshot.errors import SlingshotError


def draw(logits: torch.Tensor, temperature: float, top_p: float, generator: torch.Generator) -> int:
    """A token id from logits (V,), by one number of the generator.

    `temperature` 0 takes the likeliest token and no number. The nucleus is the smallest set of likeliest tokens
    that has the share `top_p` of the probability; it holds at least one.

    Raises:
        SlingshotError: the logits are no numbers.
    """
    highest = logits.max()
    if not torch.isfinite(highest):
        raise SlingshotError("the model's logits are not numbers; its weights are broken, or they overflow")
    if temperature == 0 or top_p == 0:
        return int(logits.argmax())
    shares = torch.softmax((logits - highest) / temperature, dim=0)
    if top_p == 1:
        tokens = torch.arange(len(shares))
        sums = shares.cumsum(0, dtype=torch.float64)
    else:
        # Sorting a whole vocabulary takes longer than a small model's step. The tokens below this share have, all
        # V of them together, less than 1 - top_p, so those above it hold the nucleus.
        likely = (shares > (1 - top_p) / (2 * len(shares))).nonzero()[:, 0]
        shares, order = shares[likely].sort(descending=True, stable=True)
        tokens = likely[order]
        sums = shares.cumsum(0, dtype=torch.float64)
        sums = sums[: int(torch.searchsorted(sums, top_p)) + 1]
    place = torch.rand((), generator=generator, dtype=torch.float64) * sums[-1]
    return int(tokens[torch.searchsorted(sums, place, right=True).clamp(max=len(sums) - 1)])
