"""Weights that are spread over processes teach what whole ones teach, and are saved whole."""

from pathlib import Path

import pytest
from in_processes import losses, train_together, train_until_killed
from safetensors.torch import load_file

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.loop import train
from slingshot.training.step.device import CPU
from slingshot.training.step.sharding import shard

COMMON = {"num_epochs": 4, "save_steps": 2, "eval_steps": 3, "bf16": False, "learning_rate": 0.01}
LORA = {"adapter": "lora", "lora_r": 4}
FSDP = {"ACCELERATE_USE_FSDP": "true"}  # as `accelerate launch --use_fsdp` says it


def configured(steps, **changes):
    return TrainingConfig(**{**COMMON, **changes, "gradient_accumulation_steps": steps})


@pytest.mark.parametrize(
    ("settings", "file"),
    [({**LORA, "lora_dropout": 0.2}, "adapter_model.safetensors"), ({}, "model.safetensors")],
)
def test_losses_and_saved_weights_are_those_of_one_process(tiny_base, tiny_rows, tmp_path, settings, file):
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    train(rows, tiny_base, tmp_path / "one", configured(2, **settings), validation=validation)
    spread = configured(1, **settings)
    train_together(rows, tiny_base, tmp_path / "two", spread, validation, size=2, **FSDP)
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-4)
    found, expected = (load_file(tmp_path / name / file) for name in ("two", "one"))
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].shape == value.shape
        assert found[name].sub(value).abs().max() < 1e-3


def test_a_training_that_one_process_began_goes_on_spread_over_two(tiny_base, tiny_rows, tmp_path):
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    alone = configured(2, **LORA)
    train(rows, tiny_base, tmp_path / "whole", alone, validation=validation)
    train_until_killed(rows, tiny_base, tmp_path / "killed", alone, validation, step=3)
    spread = configured(1, **LORA)
    train_together(rows, tiny_base, tmp_path / "killed", spread, validation, size=2, **FSDP)
    assert losses(tmp_path / "killed") == pytest.approx(losses(tmp_path / "whole"), abs=1e-4)


def test_a_machine_that_does_not_see_the_first_ones_disk_goes_on_with_it_and_writes_nothing(
    tiny_base, tiny_rows, tmp_path
):
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    impatient = {"learning_rate": 0.1, "num_epochs": 20, "early_stopping_patience": 2, "eval_steps": 1}
    alone, spread = (configured(steps, **LORA, **impatient) for steps in (2, 1))
    whole = train(rows, tiny_base, tmp_path / "whole", alone, validation=validation)
    assert whole.best_step < whole.steps
    machines = [tmp_path / "first", tmp_path / "second"]
    for machine in machines:
        machine.mkdir()
    train_until_killed(rows, tiny_base, machines[0] / "out", alone, validation, step=3)
    out = Path("out")  # on each machine's own disk
    train_together(rows, tiny_base, out, spread, validation, size=2, folders=machines, **FSDP)
    assert losses(machines[0] / "out") == pytest.approx(losses(tmp_path / "whole"), abs=1e-4)
    assert list(machines[1].iterdir()) == []


@pytest.mark.parametrize("key", ["load_in_4bit", "optimizer"])
def test_what_needs_whole_matrices_is_refused(key):
    config = TrainingConfig(**LORA, **{key: "adafactor" if key == "optimizer" else True})
    with pytest.raises(RequestError, match=f"{key}.* looks at whole matrices.*launch with --multi_gpu"):
        shard(None, CPU, config)
