"""Decoders of the Llama kind, computed by hand for the case that matters: frozen weights beside LoRA adapters.

transformers computes any model, one small operation after the other. Where only adapters learn, most of a step
need not be done at all, and the rest in fewer passes over memory: no gradient of a frozen weight, none by the
embeddings, products that add to what is there instead of beside it, element-wise work in one pass, attention in
blocks, the head only where there is something to predict. `read_decoder` says whether a model is of this kind;
whatever is not goes through transformers (`model.py`), to the same result.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from slingshot.training.step.attention import Block, attend
from slingshot.training.step.passes import Passes

# Families whose layers are what `_layer` computes; all that may differ between them is in `Decoder`.
FAMILIES = frozenset({"llama", "mistral", "qwen2", "qwen3"})


@dataclass(frozen=True)
class Adapted:
    """A frozen linear layer, (out, in), and its adapter if it has one: y = x W' + b + scale * x A' B'."""

    weight: Tensor
    bias: Tensor | None
    down: Tensor | None = None  # A, (rank, in), float32
    up: Tensor | None = None  # B, (out, rank), float32
    scale: float = 1.0


@dataclass(frozen=True)
class Layer:
    """One layer of the decoder; `query_norm` and `key_norm` are weights over one head's width, if there are any."""

    before_attention: Tensor
    query: Adapted
    key: Adapted
    value: Adapted
    query_norm: Tensor | None
    key_norm: Tensor | None
    output: Adapted
    before_mlp: Tensor
    gate: Adapted
    up: Adapted
    down: Adapted


@dataclass(frozen=True)
class Decoder:
    """A whole decoder; `head` is the output matrix (words, width of the model)."""

    layers: tuple[Layer, ...]
    embeddings: Tensor
    rotary: Any  # transformers' own module: (hidden, position ids) to cosine and sine
    last_norm: Tensor
    head: Tensor
    epsilon: float
    groups: int  # heads of keys
    heads: int  # heads of queries for each of them
    width: int  # of a head
    checkpointing: bool


def read_decoder(causal_lm: Any, longest: int) -> Decoder | None:
    """The model's decoder, if it is of the kind that is computed here and only adapters learn; else None.

    `longest` is the length in tokens of the longest branch to be computed, prompt included: a model whose
    attention ends at a window is of this kind as long as the window is not reached.
    """
    config = causal_lm.config
    window = getattr(config, "sliding_window", None)
    if (
        config.model_type not in FAMILIES
        or config.hidden_act != "silu"
        or (window and longest > window)
        or (causal_lm.training and config.attention_dropout)
    ):
        return None
    body, head = causal_lm.model, causal_lm.lm_head
    layers = [_read_layer(layer, causal_lm.training) for layer in body.layers]
    others = [body.embed_tokens.weight, body.norm.weight, head.weight]
    if type(head) is not torch.nn.Linear or any(w.requires_grad for w in others) or not all(layers):
        return None
    attention = body.layers[0].self_attn
    return Decoder(
        layers=tuple(layer for layer in layers if layer),
        embeddings=body.embed_tokens.weight,
        rotary=body.rotary_emb,
        last_norm=body.norm.weight,
        head=head.weight,
        epsilon=config.rms_norm_eps,
        groups=config.num_key_value_heads,
        heads=config.num_attention_heads // config.num_key_value_heads,
        width=attention.head_dim,
        checkpointing=body.gradient_checkpointing and causal_lm.training,
    )


def hidden_states(
    decoder: Decoder,
    tokens: Tensor,
    positions: Tensor,
    blocks: tuple[Block, ...],
    sources: Tensor,
    passes: Passes,
) -> Tensor:
    """What the head is given at `sources` (N,): (N, width of the model). `tokens` and `positions` are (T,)."""
    along = torch.nn.functional.embedding(tokens, decoder.embeddings)
    cos, sin = decoder.rotary(along.float(), positions[None])
    # Each half of a head's width turns by the same angles.
    turn = tuple(part[0, :, : decoder.width // 2].contiguous() for part in (cos, sin))
    new = None
    for layer in decoder.layers:
        if decoder.checkpointing:
            along, new = torch.utils.checkpoint.checkpoint(
                _layer, layer, decoder, along, new, turn, blocks, passes, use_reentrant=False
            )
        else:
            along, new = _layer(layer, decoder, along, new, turn, blocks, passes)
    assert new is not None
    # From here on only what the head will see.
    chosen, added = _Rows.apply(along, sources), _Rows.apply(new, sources)
    normal: Tensor = _AddNorm.apply(chosen, added, decoder.last_norm, decoder.epsilon, passes)[1]
    return normal


def _layer(
    layer: Layer,
    decoder: Decoder,
    along: Tensor,
    new: Tensor | None,
    turn: tuple[Tensor, ...],
    blocks: tuple[Block, ...],
    passes: Passes,
) -> tuple[Tensor, Tensor]:
    """One layer: from the residual stream, and what the layer before adds to it, to the same after this one."""
    epsilon, (cos, sin) = decoder.epsilon, turn
    if new is None:
        x = _Norm.apply(along, layer.before_attention, epsilon, passes)
    else:
        along, x = _AddNorm.apply(along, new, layer.before_attention, epsilon, passes)
    query, key, value = _linear(x, layer.query, layer.key, layer.value)
    query = query.unflatten(1, (decoder.groups, decoder.heads, decoder.width))
    key = key.unflatten(1, (decoder.groups, 1, decoder.width))
    if layer.query_norm is not None:
        query = _Norm.apply(query, layer.query_norm, epsilon, passes)
    if layer.key_norm is not None:
        key = _Norm.apply(key, layer.key_norm, epsilon, passes)
    query = _Rotated.apply(query, cos, sin, decoder.width**-0.5, passes)
    key = _Rotated.apply(key, cos, sin, 1.0, passes)[:, :, 0]
    value = value.unflatten(1, (decoder.groups, decoder.width)).transpose(0, 1).contiguous()
    (new,) = _linear(attend(query, key, value, blocks).flatten(1), layer.output)
    along, x = _AddNorm.apply(along, new, layer.before_mlp, epsilon, passes)
    (new,) = _linear(_Gated.apply(*_linear(x, layer.gate, layer.up), passes), layer.down)
    return along, new


def _linear(x: Tensor, *layers: Adapted) -> tuple[Tensor, ...]:
    """The results of linear layers that read the same x (T, in)."""
    adapters = [matrix for layer in layers for matrix in (layer.down, layer.up)]
    results: tuple[Tensor, ...] = _Linear.apply(x, layers, *adapters)
    return results


class _Linear(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """Linear layers side by side. The adapters' first matrices are one product, and so are their gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, layers: tuple[Adapted, ...], *adapters: Tensor | None) -> Any:
        downs = [layer.down for layer in layers if layer.down is not None]
        down = torch.cat(downs).to(x.dtype) if downs else None
        narrow = x @ down.t() if down is not None else None
        results, column = list[Tensor](), 0
        for layer in layers:
            weight = layer.weight.t()
            result = x @ weight if layer.bias is None else torch.addmm(layer.bias, x, weight)
            if layer.up is not None and narrow is not None:
                stop = column + layer.up.shape[1]
                result.addmm_(narrow[:, column:stop], _scaled(layer, x.dtype).t())
                column = stop
            results.append(result)
        ctx.save_for_backward(x, down, narrow)
        ctx.layers = layers
        return tuple(results)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, down, narrow = ctx.saved_tensors
        by_x = None
        by_narrow, by_up, column = list[Tensor](), list[Tensor | None](), 0
        for layer, gradient in zip(ctx.layers, gradients, strict=True):
            if ctx.needs_input_grad[0]:
                by_x = gradient @ layer.weight if by_x is None else by_x.addmm_(gradient, layer.weight)
            if layer.up is None:
                by_up.append(None)
                continue
            stop = column + layer.up.shape[1]
            by_up.append((narrow[:, column:stop].t() @ gradient).t().float() * layer.scale)
            by_narrow.append(gradient @ _scaled(layer, x.dtype))
            column = stop
        if down is None:
            return by_x, None, *[None] * 2 * len(ctx.layers)
        joined = torch.cat(by_narrow, dim=1)
        if by_x is not None:
            by_x.addmm_(joined, down)
        by_down = iter((joined.t() @ x).float().split([part.shape[1] for part in by_narrow]))
        pairs = [(None, None) if up is None else (next(by_down), up) for up in by_up]
        return by_x, None, *[matrix for pair in pairs for matrix in pair]


def _scaled(layer: Adapted, dtype: torch.dtype) -> Tensor:
    """The adapter's second matrix times its scale, in the model's type."""
    assert layer.up is not None
    return (layer.up * layer.scale).to(dtype)


class _Norm(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, epsilon: float, passes: Passes) -> Tensor:
        normal, scale = passes.norm(x, weight, epsilon)
        ctx.save_for_backward(x, scale, weight)
        ctx.passes = passes
        return normal

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return ctx.passes.norm_backward(gradient, *ctx.saved_tensors), None, None, None


class _AddNorm(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """The residual stream with what is new added to it, and its norm."""

    @staticmethod
    def forward(
        ctx: Any, along: Tensor, new: Tensor, weight: Tensor, epsilon: float, passes: Passes
    ) -> tuple[Tensor, Tensor]:
        total, normal, scale = passes.add_norm(along, new, weight, epsilon)
        ctx.save_for_backward(total, scale, weight)
        ctx.passes = passes
        return total, normal

    @staticmethod
    def backward(ctx: Any, by_total: Tensor, by_normal: Tensor) -> tuple[Tensor | None, ...]:
        by_sum = ctx.passes.add_norm_backward(by_normal, by_total, *ctx.saved_tensors)
        return by_sum, by_sum, None, None, None


class _Rotated(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    @staticmethod
    def forward(ctx: Any, x: Tensor, cos: Tensor, sin: Tensor, factor: float, passes: Passes) -> Tensor:
        ctx.save_for_backward(cos, sin)
        ctx.factor, ctx.passes = factor, passes
        return passes.rotate(x, cos, sin, factor)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        cos, sin = ctx.saved_tensors
        return ctx.passes.rotate_back(gradient, cos, sin, ctx.factor), None, None, None, None


class _Gated(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor, passes: Passes) -> Tensor:
        ctx.save_for_backward(gate, up)
        ctx.passes = passes
        return passes.gated(gate, up)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return *ctx.passes.gated_backward(gradient, *ctx.saved_tensors), None


class _Rows(torch.autograd.Function):  # type: ignore[misc]  # torch has no types here
    """Rows chosen by index; torch's own gradient of that is slow where results must be the same every time."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rows: Tensor) -> Tensor:
        ctx.save_for_backward(rows)
        ctx.length = len(x)
        return x.index_select(0, rows)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (rows,) = ctx.saved_tensors
        whole = gradient.new_zeros(ctx.length, gradient.shape[1], dtype=torch.float32)
        return whole.index_add_(0, rows, gradient.float()).to(gradient.dtype), None


def _read_layer(layer: Any, training: bool) -> Layer | None:
    """One layer's weights; None if it has something in it that is not computed here."""
    attention, mlp = layer.self_attn, layer.mlp
    names = ("q_proj", "k_proj", "v_proj", "o_proj")
    linear = [_read_linear(getattr(attention, name), training) for name in names]
    linear += [_read_linear(getattr(mlp, name), training) for name in ("gate_proj", "up_proj", "down_proj")]
    norms = [layer.input_layernorm, layer.post_attention_layernorm]
    norms += [getattr(attention, name, None) for name in ("q_norm", "k_norm")]
    if any(norm is not None and norm.weight.requires_grad for norm in norms):
        return None
    query, key, value, output, gate, up, down = linear
    if not (query and key and value and output and gate and up and down):
        return None
    before_attention, before_mlp, query_norm, key_norm = (
        None if norm is None else norm.weight for norm in norms
    )
    return Layer(
        before_attention, query, key, value, query_norm, key_norm, output, before_mlp, gate, up, down
    )


def _read_linear(module: Any, training: bool) -> Adapted | None:
    """A linear layer with at most one plain LoRA adapter on it; None if it is anything else."""
    if type(module) is torch.nn.Linear:
        frozen = not any(parameter.requires_grad for parameter in module.parameters())
        return Adapted(module.weight, module.bias) if frozen else None
    from peft.tuners.lora import Linear

    if type(module) is not Linear or type(module.base_layer) is not torch.nn.Linear or module.merged:
        return None
    base = _read_linear(module.base_layer, training)
    if base is None or module.disable_adapters:
        return base
    if len(module.active_adapters) != 1:
        return None
    (name,) = module.active_adapters
    dropout = module.lora_dropout[name]
    if module.use_dora.get(name) or module.lora_bias[name] or module.fan_in_fan_out:
        return None
    if training and not isinstance(dropout, torch.nn.Identity) and dropout.p:
        return None
    down, up = module.lora_A[name].weight, module.lora_B[name].weight
    return Adapted(base.weight, base.bias, down, up, module.scaling[name])
