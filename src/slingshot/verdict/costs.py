"""What a run cost, in words and tables: predicted and measured, for each point gained, and elsewhere."""

from collections.abc import Callable

from rich import box
from rich.table import Table
from rich.text import Text

from slingshot.verdict.contract import Comparison, CostFacts, PointCost, Verdict

ELSEWHERE = (
    "Predicted, nothing of it measured: the steps of training alone, at an assumed share of the published peak that is "
    "generous to small models; all else as long as it took here."
)
_SPLITS = {"seen": "seen test cases", "held_out": "held-out test cases"}


def with_cost_per_point(verdict: Verdict) -> CostFacts:
    """The verdict's cost with what a point gained over the base cost, on seen and on held-out test cases.

    There is a figure only where the points are measurably better; nothing at all where no cost was measured.
    """
    cost = verdict.cost
    if cost.measured_usd is None:
        return cost.model_copy(update={"per_point": {}})
    compared = {on: verdict.comparison(verdict.tuned, verdict.base, on) for on in ("seen", "held_out")}
    found = {on: _per_point(cost, one) for on, one in compared.items() if one}
    return cost.model_copy(update={"per_point": found})


def _per_point(cost: CostFacts, compared: Comparison) -> PointCost:
    if compared.claim == "unknown":
        return PointCost(reason="too few test cases to say what was gained")
    if compared.claim != "better" or not compared.difference:
        return PointCost(reason=f"no gain to divide by, {compared.claim}")
    if not cost.price_per_hour_usd or cost.measured_usd is None:
        return PointCost(points=compared.difference, reason="no price was stated")
    folds = cost.steps.get("folds")  # they measure what was gained and gain nothing themselves
    spent = cost.measured_usd - (folds.usd or 0.0 if folds else 0.0)
    return PointCost(points=compared.difference, usd=spent / compared.difference)


def cost_lines(verdict: Verdict, beside_tables: bool = False) -> list[str]:
    """What was predicted and what was measured, and the training's speed; nothing that is unknown.

    With `beside_tables` what the tables of `cost_tables` say is left out.
    """
    cost, training, lines = verdict.cost, verdict.training, []
    known = {
        "predicted": cost.predicted_usd,
        "measured": cost.measured_usd,
        "price per hour": cost.price_per_hour_usd,
    }
    if usd := [f"{label} ${value:,.4f}" for label, value in known.items() if value is not None]:
        source = ", ".join(text for text in (cost.price_source, cost.price_date) if text)
        lines.append(f"Cost: {', '.join(usd)}{f' ({source})' if source else ''}")
    if cost.seconds or cost.predicted_seconds is not None:
        steps = ", ".join(f"{step} {duration(seconds)}" for step, seconds in cost.seconds.items())
        predicted = f"predicted {duration(cost.predicted_seconds)}; " if cost.predicted_seconds else ""
        total = f"measured {duration(sum(cost.seconds.values()))}" if steps else "not measured"
        total += f": {steps}" if steps and not (beside_tables and cost.steps) else ""
        lines.append(f"Time: {predicted}{total}")
    if cost.per_point:
        lines.append(f"For each point gained: {'; '.join(_points_in_words(cost))}")
    if cost.energy_source:
        used = "" if cost.joules is None else f"{cost.joules / 3600:,.1f} Wh, "
        lines.append(f"Energy of the processor: {used}{cost.energy_source}")
    fitting = [] if beside_tables else [gpu for gpu in cost.on_gpus if gpu.fits]
    if elsewhere := [
        f"{gpu.title}, training {duration(gpu.training_seconds)}, whole run ${_or_dash(gpu.run_usd, _usd)}"
        for gpu in fitting
    ]:
        lines.append(f"The same elsewhere, predicted: {'; '.join(elsewhere)}")
    if training.tokens_per_second is not None:
        rows = f"{training.rows:,} rows, " if training.rows is not None else ""
        loss = f", final loss {training.final_loss:.3f}" if training.final_loss is not None else ""
        lines.append(f"Training: {rows}{training.tokens_per_second:,.0f} tokens/s{loss}")
    return lines


def _points_in_words(cost: CostFacts) -> list[str]:
    return [
        f"{_SPLITS[on]}: {found.reason or f'${found.usd or 0:,.6f} ({found.points:+.1f} points)'}"
        for on, found in cost.per_point.items()
    ]


def duration(seconds: float) -> str:
    """`12 s`, `4 min 10 s`, `2 h 5 min`; `< 0.1 s` is something."""
    if 0 < seconds < 0.05:
        return "< 0.1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def cost_tables(cost: CostFacts) -> list[Table]:
    """A row for each step, predicted beside measured, and a row for each graphics processor that was not used."""
    tables = []
    if cost.steps:
        steps = _table(
            "Cost by step", "step", "predicted", "measured", "predicted, $", "measured, $", "energy, Wh"
        )
        for name, step in cost.steps.items():
            watt_hours = None if step.joules is None else step.joules / 3600
            seconds = [_or_dash(value, duration) for value in (step.predicted_seconds, step.seconds)]
            usd = [_or_dash(value, _usd) for value in (step.predicted_usd, step.usd)]
            steps.add_row(name, *seconds, *usd, _or_dash(watt_hours, "{:,.1f}".format))
        tables.append(steps)
    if cost.on_gpus:
        gpus = _table(
            "The same elsewhere, predicted", "processor", "training", "$", "whole run", "$", "$ an hour"
        )
        for gpu in cost.on_gpus:
            if gpu.fits:
                cells = [duration(gpu.training_seconds), _or_dash(gpu.training_usd, _usd)]
                cells += [duration(gpu.run_seconds), _or_dash(gpu.run_usd, _usd)]
            else:
                cells = ["does not fit", "–", "–", "–"]
            gpus.add_row(Text(gpu.title), *cells, _or_dash(gpu.price_per_hour_usd, "{:,.2f}".format))
        gpus.caption = Text(ELSEWHERE)
        gpus.caption_justify = "left"
        tables.append(gpus)
    return tables


def _usd(value: float) -> str:
    """Dollars, without their sign; never nought when it is not."""
    return "< 0.0001" if 0 < value < 0.00005 else f"{value:,.4f}"


def _or_dash(value: float | None, form: Callable[[float], str]) -> str:
    return "–" if value is None else form(value)


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(
        title=Text(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right", no_wrap=True)
    return table
