"""Who changes the weights: the optimizers, and the float32 copies they work on where weights are kept in less.

A step of a small rate is lost in the eight bits of a bfloat16 weight. So weights that are learned in bfloat16
have a master in float32: it collects the gradients of all pieces of a step and is what the optimizer changes;
the weight is its rounded image.
"""

from dataclasses import dataclass
from typing import Any

import torch

from slingshot.training.config import TrainingConfig
from slingshot.training.step.sharding import part_like, whole


@dataclass(frozen=True)
class Learned:
    """What is learned, by name: the model's parameters, and their masters (themselves, where in float32)."""

    parameters: dict[str, torch.nn.Parameter]
    masters: dict[str, torch.Tensor]

    def collect_gradients(self) -> None:
        """Add the gradients of the pass just made to those of the masters."""
        for name, parameter in self.parameters.items():
            master = self.masters[name]
            if parameter is master or parameter.grad is None:
                continue
            gradient = parameter.grad.float()
            master.grad = gradient if master.grad is None else master.grad.add_(gradient)
            parameter.grad = None

    def gradients(self) -> list[torch.Tensor]:
        """All gradients; a weight that played no part has one of zeros."""
        for master in self.masters.values():
            if master.grad is None:
                master.grad = torch.zeros_like(master)
        return [master.grad for master in self.masters.values() if master.grad is not None]

    def show_model(self) -> None:
        """Write the masters into the model."""
        for name, parameter in self.parameters.items():
            if parameter is not self.masters[name]:
                parameter.data.copy_(self.masters[name])

    def restore(self, values: dict[str, torch.Tensor]) -> None:
        """Set masters and model to earlier values."""
        for name, master in self.masters.items():
            master.data.copy_(part_like(values[name], master))
        self.show_model()

    def values(self) -> dict[str, torch.Tensor]:
        """The masters' values, in float32; not copies. Spread ones are put together, and all processes must ask."""
        return {name: whole(master.detach()) for name, master in self.masters.items()}


def learned_weights(model: Any) -> Learned:
    """Everything in the model that has a gradient."""
    parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
    masters = {
        name: p if p.dtype == torch.float32 else p.detach().float().requires_grad_()
        for name, p in parameters.items()
    }
    return Learned(parameters, masters)


def make_optimizer(learned: Learned, config: TrainingConfig) -> torch.optim.Optimizer:
    """The optimizer that is asked for. Matrices decay, vectors (norms, biases, magnitudes) do not.

    AdamW is torch's fused form under each of its names: it gives what the plain one does, to the last bit or
    two, in half the time.
    """
    masters = learned.masters.values()
    groups = [
        {"params": [m for m in masters if m.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [m for m in masters if m.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=config.learning_rate)
    if config.optimizer == "adafactor":
        from transformers.optimization import Adafactor

        return Adafactor(groups, lr=config.learning_rate, scale_parameter=False, relative_step=False)
    return torch.optim.AdamW(
        groups,
        lr=config.learning_rate,
        betas=(config.adam_beta1, config.adam_beta2),
        eps=config.adam_epsilon,
        fused=True,
    )
