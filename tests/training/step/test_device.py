"""Devices: which one a process takes, and that a step computes wholly on it.

No GPU is needed: torch's device `meta`, whose tensors have shapes and no values, is another one than the CPU, too.
"""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from slingshot.training.config import TrainingConfig
from slingshot.training.packing.trees import grow_tree
from slingshot.training.step import device
from slingshot.training.step.attention import attend_masked
from slingshot.training.step.device import CPU, training_device, weights_dtype
from slingshot.training.step.model import load_for_training, tree_loss
from slingshot.training.step.optimizers import learned_weights

GPU, ELSEWHERE = torch.device("cuda", 1), torch.device("meta")


@pytest.fixture
def two_gpus(monkeypatch):
    """A machine with two GPUs, as far as anyone asks."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    for name in ("LOCAL_RANK", "ACCELERATE_USE_CPU"):
        monkeypatch.delenv(name, raising=False)


class OneDevice(TorchDispatchMode):
    """Under it, no operation may take tensors of two devices."""

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        devices = {leaf.device for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)}
        assert len(devices) <= 1, f"{operation} mixes {devices}"
        return operation(*args, **(kwargs or {}))


def test_a_process_takes_the_gpu_of_its_number_on_the_machine(two_gpus, monkeypatch):
    assert training_device() == torch.device("cuda", 0)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert training_device() == GPU
    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")
    assert training_device() == CPU


@pytest.mark.parametrize("has", [True, False])
def test_auto_takes_bfloat16_where_the_device_multiplies_it(monkeypatch, has):
    monkeypatch.setattr(device, "cpu_has_bf16", lambda: has)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: not has)
    auto = TrainingConfig()
    assert weights_dtype(auto, CPU) == (torch.bfloat16 if has else torch.float32)
    assert weights_dtype(auto, GPU) == (torch.float32 if has else torch.bfloat16)
    assert weights_dtype(TrainingConfig(bf16=False), CPU) == torch.float32
    assert weights_dtype(TrainingConfig(bf16="full"), GPU) == torch.bfloat16


@pytest.mark.parametrize(
    "settings",
    [
        {"adapter": "lora"},
        {"adapter": "lora", "bf16": True},
        {"adapter": "lora", "peft_use_dora": True},
        {"gradient_checkpointing": True},
    ],
)
def test_a_step_stays_on_its_device(tiny_base, tiny_rows, settings):
    model = load_for_training(tiny_base, TrainingConfig(**{"bf16": False, **settings})).to(ELSEWHERE)
    with OneDevice():
        loss = tree_loss(model, [grow_tree(tiny_rows[:3]), grow_tree(tiny_rows[3:5])])
        loss.backward()
        gradients = learned_weights(model).gradients()
    assert {loss.device, *(gradient.device for gradient in gradients)} == {ELSEWHERE}


def test_masked_attention_stays_on_its_device(tiny_rows):
    tree = grow_tree(tiny_rows[:3])
    query = torch.empty(2, len(tree.tokens), 2, 8, device=ELSEWHERE, requires_grad=True)
    keys = torch.empty(2, len(tree.tokens), 8, device=ELSEWHERE)
    with OneDevice():
        attend_masked(query, keys, keys, [tree], window=9, softcap=3.0, dropout=0.1).sum().backward()
    assert query.grad.device == ELSEWHERE
