"""How far a form agrees with its reference, position by position, with intervals whose unit is the prompt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from slingshot.gguf.parity.config import Thresholds
from slingshot.gguf.parity.forms import Split
from slingshot.gguf.parity.reading import Logarithms, Reading, Script, distributions
from slingshot.gguf.parity.texts import Spell, TextDifference, text_difference
from slingshot.statistics import Interval, interval_over_cells

# Two tokens that the reference held as good as equally likely, in nats.
NEAR_TIE = 0.01
_TOKENS_BEFORE = 12


@dataclass(frozen=True)
class Measured:
    """A form against its reference on some prompts.

    Attributes:
        prompts: how many.
        positions: tokens of their answers: places where both say what comes next.
        greedy_equal: share of positions whose likeliest token is the same.
        kl: mean divergence of the form's next token from the reference's, in nats.
        kl_max: the largest at any position.
        ends_equal: share of prompts whose answer ends, by the likeliest token, at the same places.
    """

    prompts: int
    positions: int
    greedy_equal: Interval
    kl: Interval
    kl_max: float
    ends_equal: float


@dataclass(frozen=True)
class Divergence:
    """The first place where the likeliest token is another.

    Attributes:
        prompt: its name.
        position: of the token in the answer, counted from 1.
        expected: the reference's token, as text.
        got: the form's.
        before: the text before it.
    """

    prompt: str
    position: int
    expected: str
    got: str
    before: str

    @property
    def sentence(self) -> str:
        """Where it is, and what is said instead."""
        return (
            f"first in the answer to {self.prompt}: token {self.position} is {self.got!r} instead of"
            f" {self.expected!r} after {self.before!r}"
        )


@dataclass(frozen=True)
class Agreement:
    """How far a form agrees with its reference, and how far it has to.

    Attributes:
        form: its name.
        reference: that of what it is compared with.
        on: figures on `all` prompts, on those that were `seen` and on `held_out` ones, as far as there are any.
        ended: prompts whose answer ended within the tokens that were asked for.
        flips: positions whose likeliest token is another.
        near_ties: those of them where the reference's two likeliest tokens were within `NEAR_TIE` nats.
        divergence: the first of them.
        text: the first thing that the form reads in another way.
        thresholds: what is asked of the form, on all prompts.
        seconds: for reading the form.
    """

    form: str
    reference: str
    on: dict[str, Measured]
    ended: int
    flips: int
    near_ties: int
    divergence: Divergence | None
    text: TextDifference | None
    thresholds: Thresholds
    seconds: float

    @property
    def faults(self) -> list[str]:
        """What keeps the form from being the same model, in a few words each; none if it is."""
        found, least = self.on["all"], self.thresholds
        faults = [self.text.sentence] if self.text else []
        if found.greedy_equal.mean < least.greedy:
            equal = f"{found.greedy_equal.mean:.2%} of its likeliest tokens are the same"
            faults.append(f"{equal}, {least.greedy:.2%} must be")
        if not found.kl.mean <= least.kl:  # NaN fails too
            faults.append(f"its divergence is {found.kl.mean:.2g} nats, {least.kl:g} are allowed")
        if found.ends_equal < least.ends:
            equal = f"{found.ends_equal:.0%} of its answers end at the same places"
            faults.append(f"{equal}, {least.ends:.0%} must")
        return faults


@dataclass(frozen=True)
class _Compared:
    """One script's positions, summed up; `first` is the first flip: position from 0, expected and got token."""

    split: Split
    positions: int
    equal: int
    kl_sum: float
    kl_max: float
    ends_equal: bool
    near_ties: int
    first: tuple[int, int, int] | None


def compare(
    form: Reading, reference: Reading, scripts: Sequence[Script], spell: Spell, thresholds: Thresholds
) -> Agreement:
    """Compare two readings of the same scripts; `spell` gives the text of token ids."""
    compared = [_compare(form, reference, number, script) for number, script in enumerate(scripts)]
    on = {"all": _measured(compared)}
    for split in ("seen", "held_out"):
        if of_split := [one for one in compared if one.split == split]:
            on[split] = _measured(of_split)
    flipped = ((script, one.first) for script, one in zip(scripts, compared, strict=True) if one.first)
    return Agreement(
        form=form.form.name,
        reference=reference.form.name,
        on=on,
        ended=sum(script.answer[-1] in reference.vocabulary.ends for script in scripts),
        flips=sum(one.positions - one.equal for one in compared),
        near_ties=sum(one.near_ties for one in compared),
        divergence=next((_divergence(script, *first, spell) for script, first in flipped), None),
        text=text_difference(form, reference, scripts, spell),
        thresholds=thresholds,
        seconds=form.seconds,
    )


def _compare(form: Reading, reference: Reading, number: int, script: Script) -> _Compared:
    ends, own_ends = (np.array(sorted(one.vocabulary.ends)) for one in (reference, form))
    equal, near_ties, kl, ends_equal, first, start = 0, 0, list[float](), True, None, 0
    for expected, got in distributions(reference, form, number):
        likeliest, other = expected.argmax(axis=1), got.argmax(axis=1)
        flips = np.flatnonzero(likeliest != other)
        if first is None and flips.size:
            at = int(flips[0])
            first = (start + at, int(likeliest[at]), int(other[at]))
        top = np.partition(expected[flips], -2, axis=1)[:, -2:]
        near_ties += int((top[:, 1] - top[:, 0] < NEAR_TIE).sum())
        equal += len(likeliest) - flips.size
        ends_equal &= bool((np.isin(likeliest, ends) == np.isin(other, own_ends)).all())
        kl += _divergences(expected, got)
        start += len(likeliest)
    split = script.prompt.split
    return _Compared(split, start, equal, sum(kl), max(kl), ends_equal, near_ties, first)


def _divergences(expected: Logarithms, got: Logarithms) -> list[float]:
    """The divergence of `got` from `expected` at every position."""
    shares = np.exp(expected)
    with np.errstate(invalid="ignore"):  # a word that both rule out is -inf on both sides, and adds nothing
        parts = np.where(shares == 0, 0.0, shares * (expected - got))
    # Rounding can make the divergence of equal distributions a hair less than 0.
    found: list[float] = np.maximum(parts.sum(axis=1), 0.0).tolist()
    return found


def _measured(compared: Sequence[_Compared]) -> Measured:
    return Measured(
        prompts=len(compared),
        positions=sum(one.positions for one in compared),
        greedy_equal=_interval(compared, [one.equal / one.positions for one in compared], 1.0),
        kl=_interval(compared, [one.kl_sum / one.positions for one in compared], None),
        kl_max=max(one.kl_max for one in compared),
        ends_equal=sum(one.ends_equal for one in compared) / len(compared),
    )


def _interval(compared: Sequence[_Compared], values: Sequence[float], most: float | None) -> Interval:
    """The mean over all positions, with an interval that resamples prompts: tokens of one answer are alike.

    `most` is the largest possible value, None where there is none.
    """
    weights = [one.positions for one in compared]
    mean = float(np.average(values, weights=weights))
    if not math.isfinite(mean):
        return Interval(mean, None, None)
    if most is None and not any(values):
        return Interval(0.0, 0.0, 0.0)  # the same numbers bit for bit: nothing that could vary
    names = [(str(number), "") for number in range(len(values))]
    cells = {name: [value] for name, value in zip(names, values, strict=True)}
    # A divergence has no largest value; far above what was found, it bounds nothing.
    return interval_over_cells(
        cells, dict(zip(names, weights, strict=True)), scale=(0.0, most or 1000 * max(values))
    )


def _divergence(script: Script, at: int, expected: int, got: int, spell: Spell) -> Divergence:
    before = (script.tokens + script.answer[:at])[-_TOKENS_BEFORE:]
    return Divergence(script.prompt.name, at + 1, spell([expected]), spell([got]), spell(before))
