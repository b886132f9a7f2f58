"""The training loop: golden losses, exact resumption, refusals."""

import json
from dataclasses import replace

import pytest
import torch

from slingshot.errors import SlingshotError
from slingshot.training.config import TrainingConfig
from slingshot.training.loop import CHECKPOINT, LOSS_LOG, train

CONFIG = TrainingConfig(
    adapter="lora",
    lora_r=4,
    learning_rate=0.02,
    num_epochs=4,
    micro_batch_size=3,
    warmup_steps=2,
    save_steps=2,
    bf16=False,
)


# What this model, these rows and this seed gave when the loop was checked against transformers' own loss.
GOLDEN = [5.4864, 5.4634, 5.2954, 5.3905, 5.2344, 5.3057, 5.2498, 5.1268]


class Killed(Exception):
    """Stands for the end of the process."""


def losses(folder):
    return [json.loads(line)["loss"] for line in (folder / LOSS_LOG).read_text().splitlines()]


def test_the_losses_are_the_golden_ones(tiny_base, tiny_rows, tmp_path):
    train(tiny_rows, tiny_base, tmp_path, CONFIG)
    assert losses(tmp_path) == pytest.approx(GOLDEN, abs=1e-3)


def test_the_same_seed_gives_the_same_losses_and_another_does_not(tiny_base, tiny_rows, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(tiny_rows, tiny_base, tmp_path / name, CONFIG.model_copy(update={"seed": seed}))
    assert losses(tmp_path / "a") == pytest.approx(losses(tmp_path / "b"), abs=1e-6)
    assert losses(tmp_path / "a") != pytest.approx(losses(tmp_path / "c"), abs=1e-3)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_a_killed_training_goes_on_as_if_nothing_had_happened(tiny_base, tiny_rows, tmp_path, dropout):
    config = CONFIG.model_copy(update={"lora_dropout": dropout})

    def kill_at_5(step, total):
        if step.step == 5:
            raise Killed

    train(tiny_rows, tiny_base, tmp_path / "whole", config)
    with pytest.raises(Killed):
        train(tiny_rows, tiny_base, tmp_path / "broken", config, kill_at_5)
    assert (tmp_path / "broken" / CHECKPOINT).exists()
    again = []
    train(tiny_rows, tiny_base, tmp_path / "broken", config, lambda step, total: again.append(step.step))
    assert again[0] == 5  # the checkpoint of step 4 was gone on from
    assert losses(tmp_path / "broken") == pytest.approx(losses(tmp_path / "whole"), abs=1e-6)
    assert not (tmp_path / "broken" / CHECKPOINT).exists()


def test_what_was_learned_is_said_in_numbers(tiny_base, tiny_rows, tmp_path):
    result = train(tiny_rows, tiny_base, tmp_path, CONFIG)
    assert (result.rows, result.distinct_prompts) == (7, 3)
    assert result.tokens_total == 4 * sum(len(row) for row in tiny_rows)
    assert result.tokens_supervised == 4 * sum(len(row.answer) for row in tiny_rows)
    assert result.tokens_computed < result.tokens_total
    assert result.final_loss < result.first_loss
    assert result.trainable_parameters == 2 * 4 * (2 * (64 + 64) + 2 * (64 + 32) + 3 * (64 + 96))


def test_the_adapter_loads_in_peft(tiny_base, tiny_rows, tmp_path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    train(tiny_rows, tiny_base, tmp_path, CONFIG)
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_base), tmp_path)
    ids = torch.tensor([[*tiny_rows[0].prompt, *tiny_rows[0].answer]])
    adapted = model(input_ids=ids).logits
    with model.disable_adapter():
        assert not torch.allclose(adapted, model(input_ids=ids).logits)


def test_no_rows_are_refused(tiny_base, tmp_path):
    with pytest.raises(SlingshotError, match="no rows"):
        train([], tiny_base, tmp_path, CONFIG)


def test_a_loss_that_is_no_number_stops_the_training(tiny_base, tiny_rows, tmp_path):
    wild = CONFIG.model_copy(update={"learning_rate": 1e30, "max_grad_norm": 1e30, "num_epochs": 30})
    with pytest.raises(SlingshotError, match=r"the loss is (nan|inf) at step \d+; lower"):
        train(tiny_rows, tiny_base, tmp_path, wild)


def test_a_checkpoint_of_something_else_is_refused(tiny_base, tiny_rows, tmp_path):
    (tmp_path / CHECKPOINT).write_bytes(b"not a checkpoint")
    with pytest.raises(SlingshotError, match="remove it to train from the start"):
        train(tiny_rows, tiny_base, tmp_path, CONFIG)


def test_rows_in_another_order_of_prompts_are_no_error(tiny_base, tiny_rows, tmp_path):
    mixed = [tiny_rows[0], tiny_rows[3], replace(tiny_rows[1]), tiny_rows[5]]
    assert train(mixed, tiny_base, tmp_path, CONFIG).distinct_prompts == 3


def test_in_bfloat16_the_weights_are_halved_and_the_adapter_is_not(tiny_base, tiny_rows, tmp_path):
    from safetensors.torch import load_file

    result = train(tiny_rows, tiny_base, tmp_path, CONFIG.model_copy(update={"bf16": True}))
    assert result.dtype == "bfloat16"
    assert losses(tmp_path) == pytest.approx(GOLDEN, abs=0.1)
    adapter = load_file(tmp_path / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in adapter.values()} == {torch.float32}
