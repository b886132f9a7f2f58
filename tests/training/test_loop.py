"""The training loop: what it leaves, what it refuses, when it ends."""

import json
from dataclasses import replace

import pytest
import torch

from slingshot.errors import RequestError, SlingshotError
from slingshot.training.config import TrainingConfig
from slingshot.training.course.journal import METRICS, read_metrics
from slingshot.training.loop import train

CONFIG = TrainingConfig(
    adapter="lora",
    lora_r=4,
    learning_rate=0.02,
    num_epochs=4,
    micro_batch_size=3,
    warmup_steps=2,
    save_strategy="no",
    bf16=False,
)
IN_FULL = TrainingConfig(
    learning_rate=0.003, num_epochs=4, micro_batch_size=3, warmup_steps=2, save_strategy="no", bf16=False
)


def losses(folder):
    return [step.loss for step in read_metrics(folder / METRICS)]


def changed(config, **changes):
    return TrainingConfig(**{**config.model_dump(exclude_unset=True), **changes})


def test_the_same_seed_gives_the_same_losses_and_another_does_not(tiny_base, tiny_rows, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        train(tiny_rows, tiny_base, tmp_path / name, changed(CONFIG, seed=seed))
    assert losses(tmp_path / "a") == pytest.approx(losses(tmp_path / "b"), abs=1e-6)
    assert losses(tmp_path / "a") != pytest.approx(losses(tmp_path / "c"), abs=1e-3)


def test_what_was_learned_is_said_in_numbers(tiny_base, tiny_rows, tmp_path):
    result = train(tiny_rows, tiny_base, tmp_path, CONFIG)
    assert (result.rows, result.distinct_prompts, result.processes) == (7, 3, 1)
    assert result.tokens_total == 4 * sum(len(row) for row in tiny_rows)
    assert result.tokens_supervised == 4 * sum(len(row.answer) for row in tiny_rows)
    assert result.tokens_computed < result.tokens_total
    assert result.final_loss < result.first_loss
    assert result.trainable_parameters == 2 * 4 * (2 * (64 + 64) + 2 * (64 + 32) + 3 * (64 + 96))
    assert 0 < result.share_of_peak < 1
    assert json.loads((tmp_path / "training.json").read_text())["steps"] == result.steps


def test_metrics_are_there_while_training_goes_on(tiny_base, tiny_rows, tmp_path):
    seen = []
    train(
        tiny_rows, tiny_base, tmp_path, CONFIG, lambda *_: seen.append(len(read_metrics(tmp_path / METRICS)))
    )
    assert seen == list(range(1, len(seen) + 1))
    steps = read_metrics(tmp_path / METRICS)
    assert [step.step for step in steps] == seen
    assert steps[-1].epoch == 4
    assert steps[-1].seconds_left == 0
    assert all(0 < step.share_of_peak < 1 and step.gradient_norm > 0 for step in steps)


def test_the_losses_are_drawn(tiny_base, tiny_rows, tmp_path):
    train(tiny_rows[:5], tiny_base, tmp_path / "adapter", CONFIG, validation=tiny_rows[5:])
    svg = (tmp_path / "adapter" / "loss.svg").read_text()
    assert "Loss of adapter" in svg
    assert "validation" in svg


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft asks an attribute that transformers renames
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"peft_use_dora": True, "peft_use_rslora": True, "lora_dropout": 0.1},
        {"lora_target_modules": ["q_proj", "down_proj"], "lora_modules_to_save": ["norm"]},
    ],
)
def test_the_adapter_is_what_peft_reads(tiny_base, tiny_rows, tmp_path, changes):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    train(tiny_rows, tiny_base, tmp_path, changed(CONFIG, **changes))
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_base), tmp_path)
    (lora,) = model.peft_config.values()
    assert lora.use_dora == changes.get("peft_use_dora", False)
    assert lora.use_rslora == changes.get("peft_use_rslora", False)
    every = ["q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "gate_proj", "down_proj"]
    adapted = {name.split(".")[-1] for name in lora.target_modules}
    assert adapted == set(changes.get("lora_target_modules", every))
    ids = torch.tensor([[*tiny_rows[0].prompt, *tiny_rows[0].answer]])
    adapted = model(input_ids=ids).logits
    with model.disable_adapter():
        assert not torch.allclose(adapted, model(input_ids=ids).logits)


def test_trained_in_full_the_model_is_a_folder_that_anyone_reads(tiny_base, tiny_rows, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    result = train(tiny_rows, tiny_base, tmp_path, IN_FULL)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert result.trainable_parameters == sum(p.numel() for p in model.parameters())
    base = AutoModelForCausalLM.from_pretrained(tiny_base)
    assert all(not torch.equal(a, b) for a, b in zip(model.parameters(), base.parameters(), strict=True))
    assert (tmp_path / "tokenizer.json").read_bytes() == (tiny_base / "tokenizer.json").read_bytes()
    assert AutoTokenizer.from_pretrained(tmp_path).chat_template


def test_the_end_token_that_was_learned_ends_answers(tiny_base, tiny_rows, tmp_path):
    from transformers import AutoModelForCausalLM

    train(tiny_rows[:1], tiny_base, tmp_path, changed(IN_FULL, num_epochs=40))
    said = []
    for folder in (tiny_base, tmp_path):
        model = AutoModelForCausalLM.from_pretrained(folder)
        prompt = torch.tensor([tiny_rows[0].prompt])
        whole = model.generate(prompt, max_new_tokens=30, do_sample=False, pad_token_id=0)
        said.append(tuple(whole[0, prompt.shape[1] :].tolist()))
    assert len(said[0]) == 30
    assert said[1] == tiny_rows[0].answer


def test_no_rows_are_refused(tiny_base, tmp_path):
    with pytest.raises(RequestError, match="no training rows"):
        train([], tiny_base, tmp_path, CONFIG)


def test_a_loss_that_is_no_number_stops_the_training(tiny_base, tiny_rows, tmp_path):
    wild = changed(CONFIG, learning_rate=1e30, max_grad_norm=1e30, num_epochs=30)
    with pytest.raises(SlingshotError, match=r"the loss is (nan|inf) at step \d+; lower"):
        train(tiny_rows, tiny_base, tmp_path, wild)


def test_rows_in_another_order_of_prompts_are_no_error(tiny_base, tiny_rows, tmp_path):
    mixed = [tiny_rows[0], tiny_rows[3], replace(tiny_rows[1]), tiny_rows[5]]
    assert train(mixed, tiny_base, tmp_path, CONFIG).distinct_prompts == 3


def test_in_bfloat16_the_weights_are_halved_and_the_adapter_is_not(tiny_base, tiny_rows, tmp_path):
    from safetensors.torch import load_file

    whole = train(tiny_rows, tiny_base, tmp_path / "float32", CONFIG)
    result = train(tiny_rows, tiny_base, tmp_path, changed(CONFIG, bf16=True))
    assert (whole.dtype, result.dtype) == ("float32", "bfloat16")
    assert losses(tmp_path) == pytest.approx(losses(tmp_path / "float32"), abs=0.1)
    adapter = load_file(tmp_path / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in adapter.values()} == {torch.float32}


def test_bfloat16_weights_learn_in_steps_that_are_too_small_for_them(tiny_base, tiny_rows, tmp_path):
    small = changed(IN_FULL, learning_rate=2e-5, num_epochs=20, lr_scheduler="constant", micro_batch_size=7)
    train(tiny_rows, tiny_base, tmp_path / "float32", small)
    train(tiny_rows, tiny_base, tmp_path / "bfloat16", changed(small, bf16=True))
    whole, halved = losses(tmp_path / "float32"), losses(tmp_path / "bfloat16")
    assert whole[0] - whole[-1] > 0.05
    assert halved == pytest.approx(whole, abs=0.02)


def test_activations_computed_twice_change_no_loss(tiny_base, tiny_rows, tmp_path):
    train(tiny_rows, tiny_base, tmp_path / "kept", CONFIG)
    train(tiny_rows, tiny_base, tmp_path / "twice", changed(CONFIG, gradient_checkpointing=True))
    assert losses(tmp_path / "twice") == pytest.approx(losses(tmp_path / "kept"), abs=1e-5)


@pytest.mark.parametrize("optimizer", ["adamw_torch", "adamw_torch_fused", "sgd", "adafactor"])
def test_every_optimizer_learns(tiny_base, tiny_rows, tmp_path, optimizer):
    rate = 0.5 if optimizer == "sgd" else 0.003
    result = train(tiny_rows, tiny_base, tmp_path, changed(IN_FULL, optimizer=optimizer, learning_rate=rate))
    assert result.final_loss < result.first_loss


def test_quantized_weights_need_a_package_and_its_name_is_said(tiny_base, tiny_rows, tmp_path):
    quantized = changed(CONFIG, load_in_4bit=True)
    try:
        import bitsandbytes  # noqa: F401
    except ImportError:
        with pytest.raises(SlingshotError, match="load_in_4bit needs the package bitsandbytes"):
            train(tiny_rows, tiny_base, tmp_path, quantized)
    else:
        result = train(tiny_rows, tiny_base, tmp_path, quantized)
        assert result.final_loss < result.first_loss
        assert result.share_of_peak is None
