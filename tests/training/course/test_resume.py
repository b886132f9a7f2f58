"""A training that was killed goes on as if nothing had happened; one on several processes is that on one."""

import json
import shutil

import pytest
from in_processes import losses, train_together, train_until_killed

from slingshot.errors import RequestError, SlingshotError
from slingshot.training.config import TrainingConfig
from slingshot.training.course.checkpoints import STATE, check_same, course_of
from slingshot.training.loop import train

LORA = {"adapter": "lora", "lora_r": 4, "learning_rate": 0.02, "warmup_steps": 2}
COMMON = {"num_epochs": 4, "micro_batch_size": 3, "save_steps": 2, "eval_steps": 3, "bf16": False}
WAYS = {
    "dropout, accumulated": {
        **LORA,
        "lora_dropout": 0.3,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 2,
    },
    "in full, in bfloat16": {"learning_rate": 0.003, "bf16": True},
    "stopping early": {
        **LORA,
        "learning_rate": 0.1,
        "num_epochs": 20,
        "early_stopping_patience": 2,
        "eval_steps": 1,
    },
}


def configured(**changes):
    return TrainingConfig(**{**COMMON, **LORA, **changes})


@pytest.mark.parametrize("way", WAYS)
def test_after_a_kill_the_losses_are_those_of_a_training_that_nobody_killed(
    tiny_base, tiny_rows, tmp_path, way
):
    config = TrainingConfig(**{**COMMON, **WAYS[way]})
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    whole = train(rows, tiny_base, tmp_path / "whole", config, validation=validation)
    train_until_killed(rows, tiny_base, tmp_path / "killed", config, validation, step=5)
    assert (tmp_path / "killed" / "checkpoint-4" / STATE).is_file()
    steps = []
    again = train(
        rows, tiny_base, tmp_path / "killed", config, lambda step, _: steps.append(step.step), validation
    )
    assert steps[0] == 5
    assert losses(tmp_path / "killed") == pytest.approx(losses(tmp_path / "whole"), abs=1e-6)
    assert (again.steps, again.best_step, again.stopped_early) == (
        whole.steps,
        whole.best_step,
        whole.stopped_early,
    )
    assert whole.stopped_early == (way == "stopping early")


def test_two_processes_lose_what_one_loses_with_twice_the_accumulation(tiny_base, tiny_rows, tmp_path):
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    config = configured(lora_dropout=0.2, micro_batch_size=1)
    twice = configured(lora_dropout=0.2, micro_batch_size=1, gradient_accumulation_steps=2)
    train(rows, tiny_base, tmp_path / "one", twice, validation=validation)
    train_together(rows, tiny_base, tmp_path / "two", config, validation, size=2)
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-5)
    assert json.loads((tmp_path / "two" / "training.json").read_text())["processes"] == 2


def test_a_training_that_two_processes_began_goes_on_in_one(tiny_base, tiny_rows, tmp_path):
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    config = configured(lora_dropout=0.2, micro_batch_size=1)
    twice = configured(lora_dropout=0.2, micro_batch_size=1, gradient_accumulation_steps=2)
    train(rows, tiny_base, tmp_path / "whole", twice, validation=validation)
    train_together(rows, tiny_base, tmp_path / "killed", config, validation, size=2, killed_after=3)
    steps = []
    train(rows, tiny_base, tmp_path / "killed", twice, lambda step, _: steps.append(step.step), validation)
    assert steps[0] == 3
    assert losses(tmp_path / "killed") == pytest.approx(losses(tmp_path / "whole"), abs=1e-5)


@pytest.fixture(scope="module")
def stopped(tiny_base, tiny_rows, tmp_path_factory):
    """The folder of a training that stopped after its third step, with a checkpoint of the second."""

    class Stop(Exception):
        pass

    def stop(step, total):
        if step.step == 3:
            raise Stop

    out = tmp_path_factory.mktemp("stopped")
    with pytest.raises(Stop):
        train(tiny_rows, tiny_base, out, configured(), stop)
    return out


@pytest.fixture
def unfinished(stopped, tmp_path):
    """A copy of it."""
    return shutil.copytree(stopped, tmp_path / "unfinished")


def test_a_checkpoint_is_an_adapter_that_peft_reads(tiny_base, unfinished):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_base), unfinished / "checkpoint-2")


def test_what_differs_from_the_checkpoints_training_is_named(tiny_base, tiny_rows, unfinished):
    other = configured(learning_rate=0.01, max_grad_norm=0.5)
    with pytest.raises(RequestError) as error:
        train(tiny_rows[:6], tiny_base, unfinished, other)
    assert "checkpoint-2 is of another training: the training rows changed" in str(error.value)
    assert "learning_rate was 0.02 and is 0.01" in str(error.value)
    assert "max_grad_norm was 1.0 and is 0.5" in str(error.value)
    assert "micro_batch_size" not in str(error.value)


def test_a_machine_that_would_train_something_else_is_refused(tiny_base, tiny_rows):
    first, same = (course_of(tiny_rows, (), tiny_base, configured(), processes=2) for _ in range(2))
    check_same(first, same)
    other = course_of(tiny_rows[:6], (), tiny_base, configured(max_grad_norm=0.5), processes=2)
    with pytest.raises(
        RequestError, match="train something else than the first one: the training rows changed, "
    ):
        check_same(first, other)


def test_how_a_step_is_divided_is_no_difference(tiny_base, tiny_rows, unfinished):
    divided = configured(micro_batch_size=1, gradient_accumulation_steps=3, logging_steps=5)
    steps = []
    train(tiny_rows, tiny_base, unfinished, divided, lambda step, _: steps.append(step.step))
    assert steps[0] == 3


def test_what_was_half_written_is_removed(tiny_base, tiny_rows, unfinished):
    (unfinished / ".partial-checkpoint").mkdir()
    train(tiny_rows, tiny_base, unfinished, configured())
    assert not list(unfinished.glob(".partial-*"))


def test_a_training_begins_anew_if_it_is_told_to(tiny_base, tiny_rows, unfinished):
    anew = configured(auto_resume_from_checkpoints=False, learning_rate=0.01)
    steps = []
    train(tiny_rows, tiny_base, unfinished, anew, lambda step, _: steps.append(step.step))
    assert steps[0] == 1


def test_a_checkpoint_elsewhere_is_gone_on_from_by_its_name(tiny_base, tiny_rows, unfinished, tmp_path):
    there = configured(resume_from_checkpoint=str(unfinished / "checkpoint-2"))
    steps = []
    train(tiny_rows, tiny_base, tmp_path / "new", there, lambda step, _: steps.append(step.step))
    assert steps[0] == 3
    nowhere = configured(resume_from_checkpoint=str(tmp_path / "checkpoint-9"))
    with pytest.raises(RequestError, match="checkpoint-9: no training_state.pt in this folder"):
        train(tiny_rows, tiny_base, tmp_path / "new", nowhere)


def test_the_best_weights_come_along_from_elsewhere(tiny_base, tiny_rows, tmp_path):
    rows, validation = tiny_rows[:5], tiny_rows[5:]
    impatient = {"early_stopping_patience": 3, "eval_steps": 1, "learning_rate": 0.5, "num_epochs": 20}
    whole = train(rows, tiny_base, tmp_path / "whole", configured(**impatient), validation=validation)
    after = whole.best_step + 1

    class Stop(Exception):
        pass

    def stop(step, total):
        if step.step > after:
            raise Stop

    with pytest.raises(Stop):
        train(rows, tiny_base, tmp_path / "old", configured(**impatient, save_steps=1), stop, validation)
    there = str(tmp_path / "old" / f"checkpoint-{after}")
    config = configured(**impatient, resume_from_checkpoint=there)
    assert train(rows, tiny_base, tmp_path / "new", config, validation=validation).steps == whole.steps
    weights = [(tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("whole", "new")]
    assert weights[0] == weights[1]


def test_a_checkpoint_that_is_asked_for_has_to_be_there(tiny_base, tiny_rows, tmp_path):
    with pytest.raises(RequestError, match="resume_from_checkpoint: there is no checkpoint in"):
        train(tiny_rows, tiny_base, tmp_path, configured(resume_from_checkpoint=True))


def test_a_broken_checkpoint_is_named(tiny_base, tiny_rows, unfinished):
    (unfinished / "checkpoint-2" / STATE).write_bytes(b"not a checkpoint")
    with pytest.raises(SlingshotError, match="checkpoint-2: this checkpoint is broken"):
        train(tiny_rows, tiny_base, unfinished, configured())


@pytest.mark.parametrize(("limit", "kept"), [(None, ["2", "4", "6", "8"]), (2, ["6", "8"])])
def test_checkpoints_stay_without_the_state_that_nothing_goes_on_from(
    tiny_base, tiny_rows, tmp_path, limit, kept
):
    train(tiny_rows, tiny_base, tmp_path, configured(save_total_limit=limit))
    there = sorted(tmp_path.glob("checkpoint-*"))
    assert [folder.name for folder in there] == [f"checkpoint-{step}" for step in kept]
    assert all((folder / "adapter_model.safetensors").is_file() for folder in there)
    assert not any((folder / STATE).exists() for folder in there)
