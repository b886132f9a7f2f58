"""Validation: its loss, when it is measured, how copied code is counted, and when training ends early."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.course.journal import METRICS, read_metrics
from slingshot.training.course.metrics import Step
from slingshot.training.course.validation import (
    Copying,
    best_step,
    greedy_answers,
    out_of_patience,
    row_losses,
)
from slingshot.training.loop import train
from slingshot.training.packing.trees import grow_tree
from slingshot.training.rows.encoding import encode_row
from slingshot.training.step.model import load_for_reading, load_for_training, tree_loss

SETTINGS = {
    "learning_rate": 0.003,
    "num_epochs": 4,
    "micro_batch_size": 3,
    "warmup_steps": 0,
    "sample_packing": False,
    "save_strategy": "no",
    "bf16": False,
}


def measured(folder):
    return {
        step.step: step.validation_loss for step in read_metrics(folder / METRICS) if step.validation_loss
    }


def step(number, validation_loss=None, memorization=None):
    return Step(number, 1.0, 1.0, 0.1, 1.0, 1, 1, 1, 1.0, 1.0, 0.0, None, validation_loss, memorization)


def stopping(on, patience=2):
    return TrainingConfig(early_stopping_patience=patience, early_stopping_on=on)


def test_the_loss_is_that_of_the_saved_model_on_the_rows_alone(tiny_base, tiny_rows, tmp_path):
    from transformers import AutoModelForCausalLM

    rows, validation = tiny_rows[:4], tiny_rows[4:]
    result = train(rows, tiny_base, tmp_path, TrainingConfig(**SETTINGS), validation=validation)
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    total = 0.0
    for row in validation:
        logits = model(input_ids=torch.tensor([row.tokens])).logits[0, row.prompt_length - 1 : -1]
        total += cross_entropy(logits, torch.tensor(row.answer), reduction="sum").item()
    expected = total / sum(row.supervised for row in validation)
    assert result.final_validation_loss == pytest.approx(expected, abs=1e-5)
    assert result.validation_rows == 3


def test_the_loss_of_each_row_beside_others_is_that_of_training_on_it_alone(tiny_base, tiny_rows):
    model = load_for_reading(tiny_base, TrainingConfig(bf16=False))
    alone = [tree_loss(model, [grow_tree([row])]).item() for row in tiny_rows]
    backwards = tiny_rows[::-1]
    assert row_losses(model, backwards, sequence_len=512, rows_at_once=3) == pytest.approx(
        alone[::-1], rel=1e-5
    )
    assert len(set(alone)) == len(alone)


def test_validation_looks_at_the_model_without_dropout_and_changes_nothing(tiny_base, tiny_rows, tmp_path):
    config = TrainingConfig(**SETTINGS, adapter="lora", lora_dropout=0.5, eval_steps=1)
    train(tiny_rows[:4], tiny_base, tmp_path / "with", config, validation=tiny_rows[4:])
    train(tiny_rows[:4], tiny_base, tmp_path / "without", config)
    losses = [[s.loss for s in read_metrics(tmp_path / name / METRICS)] for name in ("with", "without")]
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


@pytest.mark.parametrize(
    ("when", "steps"),
    [
        ({}, [2, 4, 6, 8]),
        ({"eval_steps": 3}, [3, 6, 8]),
        ({"eval_steps": 0.5}, [4, 8]),
        ({"evals_per_epoch": 2}, [1, 2, 3, 4, 5, 6, 7, 8]),
        ({"eval_strategy": "no"}, []),
    ],
)
def test_validation_is_measured_when_it_is_asked_for_and_at_the_end(
    tiny_base, tiny_rows, tmp_path, when, steps
):
    config = TrainingConfig(**SETTINGS, **when)
    train(tiny_rows[:5], tiny_base, tmp_path, config, validation=tiny_rows[5:])
    assert list(measured(tmp_path)) == steps


def test_the_weights_of_the_best_validation_are_saved(tiny_base, tiny_rows, tmp_path):
    settings = {**SETTINGS, "learning_rate": 0.05, "num_epochs": 50}
    config = TrainingConfig(**settings, eval_steps=1, early_stopping_patience=3)
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    result = train(rows, tiny_base, tmp_path / "out", config, validation=validation)
    losses = measured(tmp_path / "out")
    assert result.stopped_early
    assert result.best_step == min(losses, key=losses.get) == max(losses) - 3
    still = TrainingConfig(**{**settings, "learning_rate": 1e-12, "max_steps": 1})
    again = train(rows, tmp_path / "out", tmp_path / "again", still, validation=validation)
    assert again.final_validation_loss == pytest.approx(losses[result.best_step], abs=1e-5)


def test_early_stopping_without_rows_to_validate_on_is_refused(tiny_base, tiny_rows, tmp_path):
    with pytest.raises(RequestError, match="needs rows to validate on"):
        train(tiny_rows, tiny_base, tmp_path, stopping("loss"))


def test_a_loss_that_stands_still_is_no_improvement_but_copying_nothing_is_no_harm():
    still = [step(1, 2.0, 0.0), step(2), step(3, 2.0, 0.0), step(4, 2.0, 0.0)]
    assert best_step(still, stopping("loss")) == 1
    assert out_of_patience(still, stopping("loss"))
    assert not out_of_patience(still[:3], stopping("loss"))
    assert best_step(still, stopping("memorization")) == 4
    assert not out_of_patience(still, stopping("memorization"))


def test_copying_more_and_more_ends_the_training():
    log = [step(1, 3.0, 0.1), step(2, 2.0, 0.2), step(3, 1.0, 0.4)]
    assert out_of_patience(log, stopping("memorization"))
    assert not out_of_patience(log, stopping("loss"))
    assert best_step(log, TrainingConfig()) is None


def test_copied_code_is_counted_in_runs_of_thirteen_tokens(tiny_base, tiny_rows, tiny_tokenizer, tmp_path):
    program = "```julia\nf(a, b) = [a + b, a - b, a * b]\n```"
    asked = [{"role": "user", "content": "Write it."}, {"role": "assistant", "content": program}]
    row = encode_row(asked, tiny_tokenizer, "row 1")
    copying = Copying([row], [row], tiny_tokenizer)
    settings = {**SETTINGS, "num_epochs": 150}
    train([row], tiny_base, tmp_path, TrainingConfig(**settings))
    trained = load_for_training(tmp_path, TrainingConfig(bf16=False))
    assert greedy_answers(trained, tiny_tokenizer, [row.prompt]) == [program]
    assert copying.measure(trained) == 1.0
    assert copying.measure(load_for_training(tiny_base, TrainingConfig(bf16=False))) == 0.0


def test_copying_is_measured_where_early_stopping_looks_at_it(tiny_base, tiny_rows, tmp_path):
    config = TrainingConfig(
        **SETTINGS, adapter="lora", early_stopping_patience=2, early_stopping_on="memorization", eval_steps=4
    )
    train(tiny_rows[:5], tiny_base, tmp_path, config, validation=tiny_rows[5:])
    assert [s.memorization for s in read_metrics(tmp_path / METRICS)][3::4] == [0.0, 0.0]
