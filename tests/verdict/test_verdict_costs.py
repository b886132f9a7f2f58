"""What a run cost: for each point gained, step by step, and elsewhere."""

from io import StringIO

import pytest
from made_up_recordings import HELD_OUT, SEEN, answers, level, verdict_of
from rich.console import Console

from slingshot.verdict import CostFacts, PredictedOnGpu, StepCost, Verdict, model_card_block, print_verdict
from slingshot.verdict.costs import cost_lines

COST = CostFacts(
    price_per_hour_usd=0.5,
    price_source="a quote",
    price_date="2026-11-24",
    predicted_usd=0.02,
    predicted_seconds=100.0,
    measured_usd=0.03,
    seconds={"base": 4.0, "train": 200.0},
    steps={
        "base": StepCost(seconds=4.0, usd=0.0006),
        "train": StepCost(
            predicted_seconds=100.0, seconds=200.0, predicted_usd=0.0139, usd=0.0278, joules=7200.0
        ),
    },
    energy_source="not known of base",
    on_gpus=[
        PredictedOnGpu(
            name="H100",
            title="A large card",
            tflops=989,
            tflops_source="its datasheet",
            share_of_peak=0.3,
            fits=True,
            training_seconds=2.0,
            run_seconds=6.0,
            training_usd=0.0022,
            run_usd=0.0067,
            price_per_hour_usd=3.99,
            price_source="a list, 2026-11-09",
        )
    ],
)


def measured(seen=60, new=20, **own):
    """A verdict whose base scores 20 to 29 and whose tuned model scores from so many points on."""
    rows = [
        made
        for model, lows in (("base-0.5b", (20, 20)), ("tuned-0.5b", (seen, new)))
        for names, low in zip((SEEN, HELD_OUT), lows, strict=True)
        for made in answers(model, names, level(low))
    ]
    return verdict_of(rows, cost=COST.model_copy(update=own))


def test_a_point_gained_costs_the_dollars_of_the_run_divided_by_the_points():
    found = measured().cost.per_point
    assert found["seen"].points == pytest.approx(40)
    assert found["seen"].usd == pytest.approx(0.03 / 40)
    assert found["seen"].reason is None


@pytest.mark.parametrize(
    ("lows", "own", "reason"),
    [
        ((60, 20), {}, "no gain to divide by, no measurable difference"),
        ((60, 5), {}, "no gain to divide by, worse"),
        ((60, 60), {"price_per_hour_usd": 0.0}, "no price was stated"),
    ],
)
def test_where_no_gain_may_be_claimed_there_is_no_figure_but_the_reason(lows, own, reason):
    found = measured(*lows, **own).cost.per_point["held_out"]
    assert found.usd is None and found.reason == reason


def test_recordings_made_anywhere_cost_nothing_that_is_known():
    assert measured(measured_usd=None).cost.per_point == {}


def test_the_terminal_and_the_model_card_say_what_it_cost():
    verdict = measured()
    assert cost_lines(verdict) == [
        "Cost: predicted $0.0200, measured $0.0300, price per hour $0.5000 (a quote, 2026-11-24)",
        "Time: predicted 1 min 40 s; measured 3 min 24 s: base 4.0 s, train 3 min 20 s",
        "For each point gained: seen test cases: $0.000750 (+40.0 points); held-out test cases: no gain to divide by, "
        "no measurable difference",
        "Energy of the processor: not known of base",
        "The same elsewhere, predicted: A large card, training 2.0 s, whole run $0.0067",
    ]
    console = Console(width=100, file=StringIO())
    print_verdict(verdict, console)
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert "train 1 min 40 s 3 min 20 s 0.0139 0.0278 2.0" in lines
    assert "base – 4.0 s – 0.0006 –" in lines
    assert "A large card 2.0 s 0.0022 6.0 s 0.0067 3.99" in lines
    assert "- The same elsewhere, predicted: A large card, training 2.0 s" in model_card_block(verdict)
    assert "What it cost" not in model_card_block(verdict, with_cost=False)


def test_a_gpu_that_is_too_small_has_no_figure():
    small = COST.on_gpus[0].model_copy(update={"fits": False})
    assert not any("elsewhere" in line for line in cost_lines(measured(on_gpus=[small])))


def test_a_verdict_of_before_these_figures_is_read():
    content = measured().to_json()
    for key in ("price_date", "steps", "joules", "energy_source", "per_point", "on_gpus"):
        del content["cost"][key]
    assert Verdict.model_validate(content).cost.steps == {}
