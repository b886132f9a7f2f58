"""The passes over activations between two matrix products, forward and backward, each written as one function.

Nothing here knows of autograd. Activations come and go in the model's type; what is summed is summed in float32.
As they stand, torch makes several passes over memory of each; compiled (`passes.py`), each is one.
"""

import torch
from torch import Tensor
from torch.nn.functional import silu


def norm(x: Tensor, weight: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """RMSNorm of rows x (T, width): the result, and 1 / root mean square of each row (T, 1) in float32."""
    wide = x.float()
    scale = torch.rsqrt(wide.square().mean(-1, keepdim=True) + eps)
    return (wide * scale * weight).to(x.dtype), scale


def add_norm(x: Tensor, y: Tensor, weight: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """The sum of x and y (T, width), and its `norm`."""
    total = x + y
    return (total, *norm(total, weight, eps))


def norm_backward(gradient: Tensor, x: Tensor, scale: Tensor, weight: Tensor) -> Tensor:
    """The gradient of `norm` by x, from that by its result."""
    normal, inner = x.float() * scale, gradient.float() * weight
    return (scale * (inner - normal * (normal * inner).mean(-1, keepdim=True))).to(x.dtype)


def add_norm_backward(
    gradient: Tensor, along: Tensor, total: Tensor, scale: Tensor, weight: Tensor
) -> Tensor:
    """The gradient of `add_norm` by x (and by y): through the norm, and `along` the sum."""
    normal, inner = total.float() * scale, gradient.float() * weight
    through = scale * (inner - normal * (normal * inner).mean(-1, keepdim=True))
    return (through + along).to(total.dtype)


def gated(gate: Tensor, up: Tensor) -> Tensor:
    """SwiGLU's product: silu(gate) * up."""
    return silu(gate) * up


def gated_backward(gradient: Tensor, gate: Tensor, up: Tensor) -> tuple[Tensor, Tensor]:
    """The gradients of `gated` by gate and up."""
    return torch.ops.aten.silu_backward(gradient * up, gate), gradient * silu(gate)


def rotate(x: Tensor, cos: Tensor, sin: Tensor, factor: float) -> Tensor:
    """Rotary positions: heads x (T, groups, heads, width) turned, scaled, laid out as (groups, T, heads, width).

    `cos` and `sin` are (T, width / 2) in float32. The inverse turn is that with -sin.
    """
    first, second = x.float().chunk(2, dim=-1)
    cos, sin = cos[:, None, None] * factor, sin[:, None, None] * factor
    turned = torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)
    return turned.to(x.dtype).transpose(0, 1).contiguous()


def rotate_back(gradient: Tensor, cos: Tensor, sin: Tensor, factor: float) -> Tensor:
    """The gradient of `rotate` by x, (T, groups, heads, width)."""
    first, second = gradient.transpose(0, 1).float().chunk(2, dim=-1)
    cos, sin = cos[:, None, None] * factor, sin[:, None, None] * factor
    turned = torch.cat([first * cos + second * sin, second * cos - first * sin], dim=-1)
    return turned.to(gradient.dtype)


def token_losses(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Cross-entropy of each row of logits (N, words) in nats (N,), and the gradient of their sum by the logits."""
    logs = torch.log_softmax(logits, -1, dtype=torch.float32)
    losses = -logs.gather(-1, targets[:, None])
    missing = torch.expm1(-losses).to(logits.dtype)  # probability of the target, minus 1
    return losses[:, 0], logs.exp().to(logits.dtype).scatter(-1, targets[:, None], missing)
