"""Weights spread over the processes of a training (FSDP): each keeps a part of every matrix, its gradient and averages.

A layer's weights are put together where it is computed, and its gradients added up over all processes and divided
among them again, by PyTorch. So all processes have to compute the same layers equally often, whatever the rows.
"""

from typing import Any

import torch
from torch.utils._pytree import tree_map

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.contradictions import needing_whole_matrices


def shard(model: Any, device: torch.device, config: TrainingConfig) -> None:
    """Spread a language model, with an adapter in it or not, over all processes; each had loaded all of it.

    Raises:
        RequestError: the configuration asks for something that parts of matrices are not enough for.
    """
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

    _refuse_what_needs_whole_matrices(config)
    mesh = init_device_mesh(device.type, (torch.distributed.get_world_size(),))
    names = set(model._no_split_modules or ())
    layers = [module for module in model.modules() if type(module).__name__ in names]
    for module in (*layers, model):
        in_float32 = MixedPrecisionPolicy(reduce_dtype=torch.float32)
        fully_shard(module, mesh=mesh, reshard_after_forward=True, mp_policy=in_float32)
        # Gradients are sums over all rows: the loss is divided by their tokens already.
        module.set_gradient_divide_factor(1.0)
        module.set_force_sum_reduction_for_comms(True)


def _refuse_what_needs_whole_matrices(config: TrainingConfig) -> None:
    if found := needing_whole_matrices(config):
        raise RequestError(
            f"{found} looks at whole matrices, and accelerate launch --use_fsdp spreads them over processes; launch "
            "with --multi_gpu instead"
        )


def is_sharded(model: Any) -> bool:
    """Whether `shard` was done to a model."""
    return hasattr(model, "set_gradient_divide_factor")


def whole(tensor: Any) -> Any:
    """A tensor put together from the parts of all processes, which must all ask for it; anything else as it is."""
    return tensor.full_tensor() if _is_spread(tensor) else tensor


def part_like(value: torch.Tensor, spread: torch.Tensor) -> torch.Tensor:
    """The part of a whole tensor that this process keeps of one that is spread; all of it of one that is not."""
    if not _is_spread(spread):
        return value
    from torch.distributed.tensor import distribute_tensor

    value = value.to(spread.device)
    return distribute_tensor(value, spread.device_mesh, spread.placements, src_data_rank=None)


def whole_state(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """An optimizer's state as if nothing were spread; all processes must ask for it."""
    state: dict[str, Any] = tree_map(whole, optimizer.state_dict())
    return state


def restore_state(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Give an optimizer a whole state, of which it keeps its part."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    spread = {
        number: {
            name: part_like(value, parameters[number])
            if isinstance(value, torch.Tensor) and value.shape == parameters[number].shape
            else value
            for name, value in values.items()
        }
        for number, values in state["state"].items()
    }
    optimizer.load_state_dict({**state, "state": spread})


def whole_weights(model: Any) -> dict[str, torch.Tensor] | None:
    """What is saved of a model or of its adapter, put together; all processes must ask. None: the model has it whole."""
    learned = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    state: dict[str, Any] = model.state_dict()
    if not any(_is_spread(value) for value in state.values()):
        return None
    return {name: whole(value) for name, value in state.items() if name in learned or not _is_spread(value)}


def _is_spread(value: Any) -> bool:
    return hasattr(value, "full_tensor")
