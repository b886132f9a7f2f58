"""A run's cost from the manifests of its steps: what was foreseen, what it took, and what it would take elsewhere."""

from types import SimpleNamespace

import pytest

from slingshot.recipe import Recipe
from slingshot.run.costs import after_training, cost_of_run
from slingshot.run.state import Run
from slingshot.training.estimating.gpus import gpus_named

RECIPE = Recipe.model_validate(
    {
        "name": "small",
        "hold_out": ["new"],
        "prompts": ["InJulia", "AsIs"],
        "base_model": "somewhere",
        "parity": {"prompts": 3, "tokens": 12},
        "cost": {"price_per_hour_usd": 36.0, "price_source": "a quote", "price_date": "2026-11-24"},
    }
)
SUITE = [SimpleNamespace(name=name, variants=()) for name in ("a", "b", "new")]
RAPL = "Linux RAPL: package-0; all that ran on this machine"


def run_with(tmp_path, **joules):
    """A finished run: its base took 1 s, training 20 instead of 10, asking 30 instead of 40."""
    gpu = gpus_named(["H100"])[0].model_dump(mode="json")
    trained = {
        "foreseen": {"train": 10.0, "ask": 40.0},
        "on_gpus": [{"gpu": gpu, "seconds": 2.0, "share": 0.3, "fits": True}],
    }
    manifests = {
        name: {
            "seconds": seconds,
            "facts": trained if name == "train" else {},
            "joules": joules.get(name),
            "energy_source": RAPL if joules.get(name) is not None else "not readable here",
        }
        for name, seconds in {"base": 1.0, "train": 20.0, "ask": 30.0, "verdict": 5.0}.items()
    }
    return Run(RECIPE, tmp_path, SUITE, None, manifests)


def test_steps_stand_predicted_beside_measured_in_seconds_and_dollars(tmp_path):
    cost = cost_of_run(run_with(tmp_path), None)
    assert (cost.price_per_hour_usd, cost.price_source, cost.price_date) == (36.0, "a quote", "2026-11-24")
    assert cost.seconds == {"base": 1.0, "train": 20.0, "ask": 30.0}
    train = cost.steps["train"]
    assert (train.predicted_seconds, train.seconds) == (10.0, 20.0)
    assert (train.predicted_usd, train.usd) == pytest.approx((0.1, 0.2))
    assert cost.steps["base"].predicted_seconds is None and cost.steps["base"].predicted_usd is None
    # What was over when the rest was foreseen enters the prediction as it was.
    assert cost.predicted_seconds == 51.0 and cost.measured_usd == pytest.approx(0.51)


def test_a_training_on_several_machines_costs_the_price_of_each(tmp_path):
    run = run_with(tmp_path)
    run.manifests["train"]["facts"]["machines"] = 3
    cost = cost_of_run(run, None)
    assert cost.seconds["train"] == 20.0
    assert (cost.steps["train"].predicted_usd, cost.steps["train"].usd) == pytest.approx((0.3, 0.6))
    assert cost.steps["ask"].usd == pytest.approx(0.3)
    assert (cost.predicted_usd, cost.measured_usd) == pytest.approx((0.71, 0.91))


def test_elsewhere_training_takes_what_is_foreseen_and_all_else_as_long_as_here(tmp_path):
    folds = SimpleNamespace(seconds=100.0, foreseen=90.0, joules=None)
    for cost in (cost_of_run(run_with(tmp_path), None), cost_of_run(run_with(tmp_path), folds)):
        (gpu,) = cost.on_gpus
        assert (gpu.training_seconds, gpu.run_seconds) == (2.0, 33.0)
        assert gpu.run_usd == pytest.approx(33 / 3600 * gpu.price_per_hour_usd)
    assert cost.steps["folds"].predicted_seconds == 90.0 and cost.seconds["folds"] == 100.0


@pytest.mark.parametrize(
    ("joules", "total", "source"),
    [
        ({}, None, "not readable here"),
        ({"base": 1.0, "train": 20.0, "ask": 30.5}, 51.5, RAPL),
        ({"base": 1.0, "train": 20.0}, None, "not known of ask"),
    ],
)
def test_joules_are_summed_only_where_all_are_known(tmp_path, joules, total, source):
    cost = cost_of_run(run_with(tmp_path, **joules), None)
    assert cost.joules == total and cost.energy_source == source
    assert cost.steps["train"].joules == joules.get("train")


def test_what_is_left_after_training_follows_from_the_recipe():
    left = after_training(RECIPE, SUITE, answers=18)
    assert (left.answers, left.max_tokens, left.forms) == (18, 256, 0)
    assert (left.parity_prompts, left.parity_tokens) == (3 + 2, 12)  # one held-out test case under two labels
