"""What a training will take: the sum over its plan, the speed that is measured, and GPUs that are not here."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.estimating.calibration import calibrate, foresee_training, representative, shortened
from slingshot.training.estimating.estimate import (
    After,
    Speed,
    assumed_speed,
    foresee_time,
    keep_estimate,
    other_steps,
)
from slingshot.training.estimating.gpus import ASSUMED_SHARE, foresee_on, gpus_named, known_gpus
from slingshot.training.estimating.resources import foresee, model_size, trained_weights
from slingshot.training.estimating.workload import plan_work
from slingshot.training.loop import train

CONFIG = TrainingConfig(
    adapter="lora",
    num_epochs=3,
    micro_batch_size=2,
    learning_rate=1e-2,
    bf16=False,
    torch_compile=False,
    save_strategy="no",
)
FIXED = Speed("measured", 1e-9, 0.5, 0.25, loading=2.0, bytes_per_second=1e6, spread=(0.5, 2.0), passes=9)


@pytest.fixture(scope="module")
def size(tiny_base):
    return model_size(tiny_base)


# The work.


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sample_packing": False},
        {"sample_packing": True, "sequence_len": 256},
        {"gradient_accumulation_steps": 2},
        {"max_steps": 5},
        {"num_epochs": 1.5},
    ],
)
def test_the_planned_work_is_what_training_does(tiny_base, tiny_rows, tmp_path, changes):
    config = CONFIG.model_copy(update={**changes, "save_strategy": "steps", "save_steps": 2})
    work = plan_work(tiny_rows, tiny_rows[:3], config)
    seen = []
    result = train(
        tiny_rows, tiny_base, tmp_path, config, lambda step, total: seen.append(step), tiny_rows[:3]
    )
    assert work.steps == result.steps
    assert work.tokens == result.tokens_computed
    assert sum(one.learned for one in work.passes) == result.tokens_supervised
    assert work.validations == sum(step.validation_loss is not None for step in seen)
    assert work.checkpoints == len(list(tmp_path.glob("checkpoint-*")))


def test_operations_are_those_of_matrices_and_attention(tiny_rows, size):
    (one,) = plan_work(tiny_rows[:1], (), CONFIG.model_copy(update={"num_epochs": 1})).passes
    layer = 2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96
    assert one.pairs == one.tokens * (one.tokens + 1) / 2
    attention = 12 * 2 * 64 * one.pairs
    for in_full, each in ((False, 4), (True, 6)):
        matrices = each * (2 * layer * one.tokens + 64 * size.vocabulary * one.learned)
        assert one.operations(size, in_full) == matrices + attention


# The sum.


def test_a_prediction_is_the_sum_over_the_plan(tiny_rows, size):
    config = CONFIG.model_copy(update={"save_strategy": "steps", "save_steps": 2})
    work = plan_work(tiny_rows, tiny_rows[:3], config)
    found = foresee_time(work, size, config, FIXED)
    operations = sum(one.operations(size, False) for one in work.passes)
    validating = sum(one.operations(size, False) for one in work.validation)
    trained = trained_weights(size, config)
    assert found.passes == pytest.approx(1e-9 * operations)
    assert found.optimizer == 0.5 * work.steps
    assert found.validation == pytest.approx(0.25 * 1e-9 * validating * work.validations)
    assert found.saving == pytest.approx((4 + (4 + 12) * work.checkpoints) * trained / 1e6)
    assert found.loading == 2.0
    computing = found.passes + found.validation
    assert found.seconds == pytest.approx(computing + 2.0 + found.optimizer + found.saving)
    assert found.low == pytest.approx(found.seconds - computing / 2)
    assert found.high == pytest.approx(found.seconds + computing)


def test_without_a_spread_the_edges_are_unknown(tiny_rows, size):
    found = foresee_time(plan_work(tiny_rows, (), CONFIG), size, CONFIG, replace(FIXED, spread=None))
    assert found.low is None and found.high is None and "(" not in found.words


def test_twice_the_epochs_take_twice_the_passes(tiny_rows, size):
    once, twice = (
        foresee_time(plan_work(tiny_rows, (), config), size, config, FIXED)
        for config in (CONFIG, CONFIG.model_copy(update={"num_epochs": 6}))
    )
    assert twice.passes == pytest.approx(2 * once.passes) and twice.loading == once.loading


# Measuring.


@pytest.mark.parametrize("adapter", ["lora", None])
def test_what_is_foreseen_is_near_what_it_takes(tiny_base, tiny_rows, size, tmp_path, adapter):
    config = CONFIG.model_copy(update={"adapter": adapter, "num_epochs": 40})
    rows, work = tiny_rows * 3, plan_work(tiny_rows * 3, (), config)
    speed = calibrate(tiny_base, work, size, config, tmp_path, seconds=1.0)
    found = foresee_time(work, size, config, speed)
    result = train(rows, tiny_base, tmp_path, config)
    assert speed.passes >= 5 and speed.spread and speed.spread[0] <= 1.1 and speed.spread[1] >= 0.9
    assert 1 / 4 < (found.passes + found.optimizer) / result.seconds < 4


def test_measuring_changes_nothing_that_training_does(tiny_base, tiny_rows, size, tmp_path):
    before = train(tiny_rows, tiny_base, tmp_path / "a", CONFIG)
    deterministic = torch.are_deterministic_algorithms_enabled()
    calibrate(tiny_base, plan_work(tiny_rows, (), CONFIG), size, CONFIG, tmp_path, seconds=0.1)
    assert torch.are_deterministic_algorithms_enabled() == deterministic
    assert train(tiny_rows, tiny_base, tmp_path / "b", CONFIG).final_loss == before.final_loss
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_passes_that_are_measured_stand_for_all_sizes(tiny_rows, size):
    passes = plan_work(tiny_rows, (), CONFIG.model_copy(update={"sample_packing": False})).passes
    middle, shortest, longest, *_ = chosen = representative(passes, size, CONFIG)
    assert len(chosen) == 5
    sizes = sorted(one.operations(size, False) for one in passes)
    work = [one.operations(size, False) for one in (shortest, middle, longest)]
    assert all(a <= b for a, b in pairwise(work))
    assert work[0] <= sizes[len(sizes) // 5] and work[2] >= sizes[-len(sizes) // 5]


@pytest.mark.parametrize("packing", ["shared", False])
def test_a_long_pass_is_measured_on_some_of_its_rows(tiny_rows, packing):
    config = CONFIG.model_copy(update={"sample_packing": packing, "micro_batch_size": 7})
    work = plan_work(tiny_rows, (), config)
    one = work.passes[0]
    assert shortened(one, work.laid, one.tokens).work == one
    assert min(map(len, tiny_rows)) - 1 == shortened(one, work.laid, 1).work.tokens
    half = shortened(one, work.laid, one.tokens // 2)
    assert 0 < half.work.tokens < one.tokens and half.work.learned < one.learned
    assert half.work.tokens == sum(len(tree.tokens) for tree in half.trees)


def test_a_short_training_is_foreseen_without_measuring(tiny_base, tiny_rows):
    found = foresee_training(tiny_base, tiny_rows, (), CONFIG)
    assert found.speed.how == "assumed" and found.low is None and 0 < found.seconds < 60


def test_a_prediction_lies_beside_what_is_trained_and_takes_the_measurement_in(tiny_rows, size, tmp_path):
    found = foresee_time(plan_work(tiny_rows, (), CONFIG), size, CONFIG, FIXED)
    keep_estimate(tmp_path / "new", found)
    kept = json.loads((tmp_path / "new" / "estimate.json").read_text())
    assert kept["took_seconds"] is None and kept["foreseen"]["seconds"] == found.seconds
    assert kept["foreseen"]["speed"]["how"] == "measured"
    keep_estimate(tmp_path / "new", found, took=12.5)
    assert json.loads((tmp_path / "new" / "estimate.json").read_text())["took_seconds"] == 12.5


# A run's other steps.


def test_a_run_foresees_its_steps_after_training(tiny_rows):
    after = After(answers=100, max_tokens=200, parity_prompts=4, parity_tokens=8)
    found = other_steps(tiny_rows, 10**9, after, FIXED)
    assert list(found) == ["merge", "gguf", "parity", "losses", "ask", "judge"]
    assert all(seconds > 0 for seconds in found.values())
    assert found["judge"] == 6.0
    more = other_steps(tiny_rows, 10**9, replace(after, forms=2, parity_prompts=8), FIXED)
    in_full = other_steps(tiny_rows, 10**9, replace(after, in_full=True), FIXED)
    assert in_full["merge"] == 0 and in_full["parity"] < found["parity"]
    assert more["judge"] == 12.0 and more["ask"] > found["ask"] and more["parity"] > found["parity"]


def test_a_guess_is_in_operations_of_this_processor(size):
    speed = assumed_speed(size, CONFIG)
    assert speed.how == "assumed" and 1e-13 < speed.per_operation < 1e-8


# GPUs.


def test_every_gpu_says_where_its_figures_come_from():
    table = known_gpus()
    assert {"RTXA5000", "A100", "H100", "L4", "T4", "RTX4090"} == {gpu.name for gpu in table.gpus}
    for gpu in table.gpus:
        assert gpu.tflops_source and (gpu.usd_per_hour is None) == (gpu.price_source is None)


def test_a_gpu_is_foreseen_by_operations_at_an_assumed_share_of_its_peak(tiny_base, tiny_rows, size):
    (gpu,) = gpus_named(["rtx 4090"])
    for adapter, each in (("lora", 4), (None, 6)):
        config = CONFIG.model_copy(update={"adapter": adapter})
        work = plan_work(tiny_rows, (), config)
        found = foresee_on(gpu, work, size, tiny_base, tiny_rows, config)
        assert found.seconds == pytest.approx(
            each * size.parameters * work.tokens / (ASSUMED_SHARE * 165.2e12)
        )
        assert found.fits and found.dollars == pytest.approx(found.seconds / 3600 * gpu.usd_per_hour)
        assert found.share == ASSUMED_SHARE


def test_a_model_that_is_too_large_for_a_gpu_does_not_fit(tiny_base, tiny_rows, size):
    (gpu,) = gpus_named(["T4"])
    small = gpu.model_copy(update={"memory_gb": 1.0})
    work = plan_work(tiny_rows, (), CONFIG)
    found = foresee_on(small, work, size, tiny_base, tiny_rows, CONFIG)
    assert not found.fits and found.dollars is None
    needs = foresee(tiny_base, tiny_rows, CONFIG.model_copy(update={"bf16": True}))
    assert found.memory == (1 << 30) + needs.weights + needs.trained + needs.activations


def test_an_unknown_gpu_is_refused_with_the_nearest_name():
    with pytest.raises(RequestError, match="did you mean A100"):
        gpus_named(["A101"])
