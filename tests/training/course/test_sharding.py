"""Weights that are spread over processes teach what whole ones teach, and are saved whole."""

import json

import pytest
from in_processes import losses, train_together
from safetensors.torch import load_file

from slingshot.training.config import TrainingConfig
from slingshot.training.loop import train

COMMON = {"num_epochs": 4, "save_steps": 2, "eval_steps": 3, "bf16": False, "learning_rate": 0.01}
WAYS = {
    "lora": ({"adapter": "lora", "lora_r": 4}, "adapter_model.safetensors"),
    "in full": ({"weight_decay": 0.1}, "model.safetensors"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_losses_and_the_saved_weights_are_those_of_one_process(tiny_base, tiny_rows, tmp_path, way):
    settings, file = WAYS[way]
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    config = TrainingConfig(**COMMON, **settings)
    twice = TrainingConfig(**COMMON, **settings, gradient_accumulation_steps=2)
    train(rows, tiny_base, tmp_path / "one", twice, validation=validation)
    train_together(
        rows, tiny_base, tmp_path / "two", config, validation, size=2, ACCELERATE_USE_FSDP="true"
    )
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-4)
    found, expected = (load_file(tmp_path / name / file) for name in ("two", "one"))
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].shape == value.shape
        assert found[name].sub(value).abs().max() < 1e-3
