"""Parity on a terminal: a row for each pair of forms, and what differs below it."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.gguf.parity.agreement import NEAR_TIE, Agreement
from slingshot.gguf.parity.report import SETTINGS, ParityReport
from slingshot.statistics import Interval

_SPLITS = {"all": "all", "seen": "seen", "held_out": "held out"}


def print_parity(report: ParityReport, console: Console) -> None:
    """Print what was found; made for 100 columns. Names come from files of others: they are text, never markup."""
    table = Table(
        box=box.SIMPLE_HEAD,
        title="Do the forms say the same? In brackets: 95 % intervals over prompts.",
        title_justify="left",
    )
    for heading in ("form", "against", "prompts"):
        table.add_column(heading)
    for heading in ("tokens", "likeliest alike", "nats apart", "ends"):
        table.add_column(heading, justify="right")
    for found in report.agreements:
        for split, measured in found.on.items():
            named = split == "all"
            table.add_row(
                Text(found.form if named else "", style="red" if found.faults else ""),
                Text(found.reference if named else ""),
                f"{measured.prompts} {_SPLITS[split]}",
                f"{measured.positions:,}",
                _share(measured.greedy_equal),
                _nats(measured.kl),
                f"{measured.ends_equal:.0%}",
            )
    console.print(table)
    for found, before in zip(report.agreements, [None, *report.agreements], strict=False):
        known = _notes(before) if before and before.form == found.form else []
        for note in _notes(found):
            if note not in known:  # against its second reference a form mostly says the same
                console.print(Text(f"{found.form} against {found.reference}: {note}."))
    if report.note:
        console.print(Text(f"{report.note}."))
    console.print(Text(f"Computed in {SETTINGS}.", style="dim"))
    for program in dict.fromkeys(name for names in report.programs.values() for name in names):
        console.print(Text(f"Read by {program}.", style="dim"))


def _share(share: Interval) -> str:
    if share.low is None or share.high is None:
        return f"{share.mean:.2%}"
    return f"{share.mean:.2%} [{100 * share.low:.1f}, {100 * share.high:.1f}]"


def _nats(nats: Interval) -> str:
    if nats.low is None or nats.high is None:
        return f"{nats.mean:.2g}"
    return f"{nats.mean:.2g} [{nats.low:.1g}, {nats.high:.1g}]"


def _notes(found: Agreement) -> list[str]:
    """What a person wants to know beside the figures."""
    notes = [f"beyond its thresholds: {fault}" for fault in found.faults]
    if found.divergence:
        tied = f"{found.near_ties} of them where the reference's first two are within {NEAR_TIE} nats"
        notes.append(f"{found.flips} other tokens, {tied}; {found.divergence.sentence}")
    if not found.ended:
        notes.append("no answer ended, so where they end was hardly compared; ask for more --tokens")
    return notes
