"""What the page says of memory, of the training and of its cost."""

from slingshot.verdict.contract import CostFacts, Verdict
from slingshot.verdict.costs import ELSEWHERE, duration
from slingshot.verdict.page.chosen import Chosen
from slingshot.verdict.page.html import UNKNOWN, Cell, facts, in_form, note, notes, split_name, table
from slingshot.verdict.wording import memorization_in_words, percent


def memorization(verdict: Verdict, chosen: Chosen) -> str:
    """How much is training data, how alike answers are, and what losses give away; each in words first."""
    rows: list[list[str | Cell]] = [
        [
            model.name,
            split_name(split),
            Cell(percent(found.verbatim_rate), found.verbatim_rate, chosen.split(model.name, split)),
            Cell(f"{found.ngram_overlap:.2f}", found.ngram_overlap, chosen.split(model.name, split)),
            Cell(UNKNOWN if found.peakedness is None else percent(found.peakedness), found.peakedness),
        ]
        for model in verdict.models
        for split, found in model.memorization.items()
    ]
    if not rows:
        return note("Not measured: the training answers are not known.") + _losses(verdict)
    said = note(
        "Verbatim is the share of answers whose code is training code, comments and white space aside; overlap "
        "the mean share of an answer's 13-token runs that occur in the training code; near its usual answer the share "
        "of answers to one question that differ from the most usual one in at most 5 % of their tokens. The base model "
        "shows what comes by itself."
    )
    headings = ["model", "on", "verbatim", "13-gram overlap", "near its usual answer"]
    found = table("Memorization by model", headings, rows, {2, 3, 4})
    return notes(memorization_in_words(verdict)) + found + said + _losses(verdict)


def _losses(verdict: Verdict) -> str:
    """The losses of every model of which they were measured."""
    rows: list[list[str | Cell]] = [
        [
            model.name,
            Cell(f"{found.trained_mean:.3f}", found.trained_mean),
            Cell(f"{found.trained}", found.trained),
            Cell(f"{found.untrained_mean:.3f}", found.untrained_mean),
            Cell(f"{found.untrained}", found.untrained),
            Cell(f"{found.auc:.2f} [{found.low:.2f}, {found.high:.2f}]", found.auc),
        ]
        for model in verdict.models
        if (found := model.losses)
    ]
    if not rows:
        return ""
    headings = ["model", "loss, trained on", "answers", "loss, never seen", "answers", "AUC [95 %]"]
    return (
        "<h3>Losses</h3>\n"
        + note(
            "Mean loss in nats a token of answers trained on, and of right answers to the same questions that were not. "
            "AUC is the probability that the loss alone tells the two apart: 0.5 is a coin's, 1 means that it always does."
        )
        + table("Losses by model", headings, rows, {1, 2, 3, 4, 5})
    )


def training(verdict: Verdict) -> str:
    """What the training was."""
    known = verdict.training
    return facts(
        [
            ("rows", in_form(known.rows, "{:,}")),
            ("distinct prompts", in_form(known.distinct_prompts, "{:,}")),
            ("tokens", in_form(known.tokens_total, "{:,}")),
            ("of which supervised", in_form(known.tokens_supervised, "{:,}")),
            ("time", None if known.seconds is None else duration(known.seconds)),
            ("speed", in_form(known.tokens_per_second, "{:,.0f} tokens/s")),
            (
                "peak memory",
                in_form(known.peak_memory_bytes and known.peak_memory_bytes / 2**30, "{:.2f} GiB"),
            ),
            ("final loss", in_form(known.final_loss, "{:.4f}")),
        ],
        "Nothing is known about the training.",
    )


def cost(verdict: Verdict) -> str:
    """What it was predicted to cost, what it did cost, step by step, for each point, and elsewhere."""
    known = verdict.cost
    spent = sum(known.seconds.values()) if known.seconds else None
    return (
        facts(
            [
                ("predicted", in_form(known.predicted_usd, "${:,.4f}")),
                ("measured", in_form(known.measured_usd, "${:,.4f}")),
                *_per_point(known),
                (
                    "predicted time",
                    None if known.predicted_seconds is None else duration(known.predicted_seconds),
                ),
                ("measured time", None if spent is None else duration(spent)),
                ("price per hour", in_form(known.price_per_hour_usd, "${:,.4f}")),
                ("price from", known.price_source),
                ("price of", known.price_date),
                ("energy of the processor", in_form(known.joules and known.joules / 3.6e3, "{:,.1f} Wh")),
                ("energy read from" if known.joules else "energy", known.energy_source),
            ],
            "Nothing is known about the cost.",
        )
        + _steps(known)
        + _on_gpus(known)
    )


def _per_point(known: CostFacts) -> list[tuple[str, str | None]]:
    """Dollars for each point gained, or why there is no such figure."""
    lines: list[tuple[str, str | None]] = []
    for split, found in known.per_point.items():
        figure = in_form(found.usd, "${:,.6f}")
        gained = in_form(found.points, " ({:+.1f} points)") or ""
        lines.append(
            (f"per point gained, {split_name(split)}", f"{figure}{gained}" if figure else found.reason)
        )
    return lines


def _steps(known: CostFacts) -> str:
    """Time, dollars and energy of every step, predicted beside measured."""
    headings = ["step", "predicted", "measured"]
    rows: list[list[str | Cell]] = []
    for name in known.steps or known.seconds:
        step = known.steps.get(name)
        seconds = step.seconds if step else known.seconds[name]
        row: list[str | Cell] = [name, _time(step.predicted_seconds if step else None), _time(seconds)]
        if step:
            row += [_dollars(step.predicted_usd), _dollars(step.usd)]
            row.append(
                Cell(in_form(step.joules and step.joules / 3.6e3, "{:,.1f} Wh") or UNKNOWN, step.joules)
            )
        rows.append(row)
    if not rows:
        return ""
    if known.steps:
        headings += ["predicted, $", "measured, $", "energy"]
    said = note("Steps that were over when the rest was foreseen have no prediction.") if known.steps else ""
    return f"<h3>Step by step</h3>\n{said}" + table("Cost by step", headings, rows, range(1, len(headings)))


def _time(seconds: float | None) -> Cell:
    return Cell(UNKNOWN if seconds is None else duration(seconds), seconds)


def _dollars(usd: float | None) -> Cell:
    return Cell(in_form(usd, "{:,.4f}") or UNKNOWN, usd)


def _on_gpus(known: CostFacts) -> str:
    """What the same would take on graphics processors that were not used."""
    if not known.on_gpus:
        return ""
    rows: list[list[str | Cell]] = [
        [
            gpu.title,
            "yes" if gpu.fits else "no",
            _time(gpu.training_seconds if gpu.fits else None),
            _dollars(gpu.training_usd if gpu.fits else None),
            _time(gpu.run_seconds if gpu.fits else None),
            _dollars(gpu.run_usd if gpu.fits else None),
            Cell(in_form(gpu.price_per_hour_usd, "{:,.2f}") or UNKNOWN, gpu.price_per_hour_usd),
        ]
        for gpu in known.on_gpus
    ]
    headings = [
        "processor",
        "training fits",
        "training",
        "training, $",
        "whole run",
        "whole run, $",
        "$ per hour",
    ]
    sources = dict.fromkeys(
        f"{gpu.title}: {gpu.tflops:g} TFLOP/s dense 16-bit ({gpu.tflops_source}), {percent(gpu.share_of_peak)} of them "
        f"assumed to be reached" + (f"; price: {gpu.price_source}" if gpu.price_source else "") + "."
        for gpu in known.on_gpus
    )
    said = note(ELSEWHERE)
    return (
        "<h3>Elsewhere</h3>\n"
        + said
        + table("Predicted on graphics processors", headings, rows, range(2, len(headings)))
        + notes(list(sources))
    )
