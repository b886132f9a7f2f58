"""The training configuration: what may stand in it, what not together, and what follows from it."""

import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from slingshot.cli.loop import bundled_recipe
from slingshot.recipe import load_recipe
from slingshot.training.axolotl.key_page import key_page
from slingshot.training.config import TrainingConfig

ROOT = Path(__file__).parents[2]


def lora(**keys):
    return TrainingConfig(adapter="lora", **keys)


def test_the_quickstart_trains_as_it_always_has():
    config = load_recipe(bundled_recipe()).training
    assert (config.adapter, config.lora_r, config.lora_alpha, config.lora_dropout) == ("lora", 16, 32, 0.0)
    assert config.adapts_every_linear_layer and config.packing == "shared"
    assert (config.learning_rate, config.lr_scheduler, config.warmup(200)) == (0.003, "cosine", 10)
    assert (config.num_epochs, config.micro_batch_size, config.gradient_accumulation_steps) == (14, 2, 1)
    assert (config.weight_decay, config.max_grad_norm, config.bf16, config.seed) == (0.0, 1.0, "auto", 42)
    assert (config.sequence_len, config.excess_length) == (2048, "error")
    assert config.optimizer.startswith("adamw")
    assert (config.adam_beta1, config.adam_beta2, config.adam_epsilon) == (0.9, 0.999, 1e-8)
    assert config.save_every(25, 200) == 10
    assert config.trackers == ()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"warmup_steps": 3, "warmup_ratio": 0.1}, "warmup_steps and warmup_ratio say the same thing twice"),
        ({"save_steps": 3, "saves_per_epoch": 1}, "save_steps and saves_per_epoch"),
        ({"eval_steps": 3, "evals_per_epoch": 1}, "eval_steps and evals_per_epoch"),
        ({"eval_strategy": "no", "eval_steps": 3}, "eval_strategy: no and eval_steps contradict each other"),
        ({"save_strategy": "epoch", "save_steps": 3}, "save_strategy: epoch and save_steps"),
        ({"adapter": None, "lora_r": 8}, "lora_r does nothing without `adapter: lora`"),
        ({"adapter": None, "load_in_4bit": True}, "load_in_4bit does nothing without `adapter: lora`"),
        ({"load_in_8bit": True, "load_in_4bit": True}, "exclude each other"),
        ({"lora_target_linear": False}, "nothing is adapted; name the layers"),
        (
            {"sample_packing": "shared", "lora_dropout": 0.1},
            "answers would share the prompt's dropped inputs",
        ),
        ({"chat_template": "jinja"}, "chat_template: jinja needs the template in chat_template_jinja"),
        ({"chat_template": "chatml", "chat_template_jinja": "x"}, "contradict each other"),
        ({"cosine_min_lr_ratio": 0.1, "lr_scheduler": "linear"}, "does nothing with lr_scheduler: linear"),
        ({"early_stopping_patience": 2, "evals_per_epoch": 0}, "needs validation, which is switched off"),
        ({"val_set_size": 0.1, "test_datasets": [{"path": "a.jsonl"}]}, "val_set_size and test_datasets"),
    ],
)
def test_contradictions_are_errors(keys, words):
    with pytest.raises(ValidationError, match=words):
        TrainingConfig(**{"adapter": "lora", **keys})


def test_all_contradictions_are_named_at_once():
    with pytest.raises(ValidationError) as caught:
        lora(warmup_steps=1, warmup_ratio=0.1, save_steps=2, saves_per_epoch=1)
    assert "warmup_ratio" in str(caught.value) and "saves_per_epoch" in str(caught.value)


def test_a_recipes_default_is_no_contradiction(tmp_path):
    text = bundled_recipe().read_text().replace("  seed: 42\n", "  seed: 42\n  saves_per_epoch: 1\n", 1)
    (tmp_path / "recipe.yml").write_text(text)
    assert load_recipe(tmp_path / "recipe.yml").training.save_every(25, 200) == 25


def test_an_unknown_key_and_a_number_that_is_none_are_errors():
    for keys in ({"lora_rr": 8}, {"learning_rate": math.nan}, {"learning_rate": 0}, {"lora_dropout": 1}):
        with pytest.raises(ValidationError):
            lora(**keys)


@pytest.mark.parametrize(
    ("keys", "steps", "expected"),
    [
        ({}, 1000, 30),
        ({}, 100_000, 100),
        ({}, 10, 0),
        ({"lr_scheduler": "constant"}, 1000, 0),
        ({"warmup_ratio": 0.1}, 1000, 100),
        ({"warmup_steps": 7}, 1000, 7),
        ({"warmup_steps": 0}, 1000, 0),
    ],
)
def test_the_warm_up_is_what_is_said_or_three_percent(keys, steps, expected):
    assert lora(**keys).warmup(steps) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, 40),
        ({"saves_per_epoch": 4}, 10),
        ({"saves_per_epoch": 3}, 14),
        ({"saves_per_epoch": 1000}, 1),
        ({"saves_per_epoch": 0}, None),
        ({"save_steps": 15}, 15),
        ({"save_steps": 0.25}, 20),
        ({"save_strategy": "no"}, None),
        ({"save_strategy": "epoch"}, 40),
    ],
)
def test_checkpoints_and_validations_come_as_often_as_is_said(keys, expected):
    assert lora(**keys).save_every(40, 80) == expected
    validating = {key.replace("save", "eval"): value for key, value in keys.items()}
    assert lora(**validating).eval_every(40, 80) == expected


def test_rows_share_their_prompts_unless_there_is_dropout():
    assert lora().packing == "shared"
    assert lora(lora_dropout=0.1).packing == "none"
    assert lora(sample_packing=True).packing == "plain"
    assert lora(sample_packing=False).packing == "none"


def test_named_layers_are_adapted_instead_of_all_unless_both_are_asked_for():
    assert not lora(lora_target_modules=["q_proj"]).adapts_every_linear_layer
    assert lora(lora_target_modules=["q_proj"], lora_target_linear=True).adapts_every_linear_layer


def test_a_tracker_is_used_when_its_project_is_named_or_it_is_asked_for():
    assert lora(wandb_project="a").trackers == ("wandb",)
    assert lora(wandb_project="a", use_wandb=False).trackers == ()
    assert lora(use_tensorboard=True, mlflow_experiment_name="b").trackers == ("tensorboard", "mlflow")


def test_every_key_has_a_description_in_the_schema():
    schema = TrainingConfig.model_json_schema()
    for table in (schema, *schema["$defs"].values()):
        assert all(field.get("description") for field in table["properties"].values())


def test_the_page_of_keys_is_up_to_date():
    page = (ROOT / "docs" / "training-keys.md").read_text(encoding="utf-8")
    assert page == key_page(), "run python -m slingshot.training.axolotl.key_page > docs/training-keys.md"
