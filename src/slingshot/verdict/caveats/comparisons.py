"""Warnings about comparisons: what was dropped from them, what they are too few to show, what they cannot mean."""

from collections.abc import Mapping, Sequence
from itertools import permutations

from slingshot.leaderboard.forms import name_in_parts
from slingshot.leaderboard.wording import listed
from slingshot.statistics import LEAST_FOR_CLAIMS, PairedDifference, claim, paired_difference, sign_flip_p
from slingshot.verdict.cells import Cells
from slingshot.verdict.contract import SPLITS, TRAINING_SPLITS, Comparison, Split, Verdict, VerdictWarning
from slingshot.verdict.wording import count_of, points

FEW_TEST_CASES = 10
NAMED_CELLS = 5
FEW_NAMES: dict[Split, str] = {
    "all": "test case",
    "seen": "seen test case",
    "variant": "variant",
    "held_out": "held-out test case",
}
_FULL = ("", "f16", "bf16", "f32")


def caveats_of_comparisons(
    verdict: Verdict, cells: Mapping[str, Cells], paired: Sequence[PairedDifference]
) -> list[VerdictWarning]:
    """All warnings that comparisons deserve, see `slingshot.verdict.caveats`."""
    return [
        *_unlike_cells(verdict, paired),
        *_few_test_cases(verdict),
        *_quantized_better_than_full(cells),
    ]


def _unlike_cells(verdict: Verdict, paired: Sequence[PairedDifference]) -> list[VerdictWarning]:
    """A warning for each pair of models whose cells differ, over all its splits at once."""
    sides: dict[tuple[str, str], list[set[tuple[str, str]]]] = {}
    for comparison, difference in zip(verdict.comparisons, paired, strict=True):
        only_a, only_b = sides.setdefault((comparison.a, comparison.b), [set(), set()])
        only_a.update(difference.only_a)
        only_b.update(difference.only_b)
    found = []
    for (a, b), dropped in sides.items():
        parts = [
            f"{count_of(len(cells), 'cell')} only of {name} ({listed([' '.join(cell) for cell in sorted(cells)], NAMED_CELLS)})"
            for name, cells in zip((a, b), dropped, strict=True)
            if cells
        ]
        if parts:
            found.append(
                VerdictWarning(
                    code="unlike-cells",
                    message=f"{a} and {b} did not answer the same cells: {' and '.join(parts)} dropped from "
                    "their comparison, which holds for the common cells only; their scores stand on "
                    "different cells, do not subtract them.",
                    models=[a, b],
                    tasks=sorted({test_case for cells in dropped for test_case, _ in cells}),
                )
            )
    return found


def _few_test_cases(verdict: Verdict) -> list[VerdictWarning]:
    """A warning for each split with few test cases, with the difference that it could show."""
    splits: tuple[Split, ...] = tuple(
        s for s in TRAINING_SPLITS if any(s in m.scores for m in verdict.models)
    )
    found = []
    for split in splits or SPLITS[:1]:
        compared = verdict.comparison(verdict.tuned, verdict.base, split)
        if compared:
            count = compared.tasks
        else:
            count = max((m.scores[split].tasks for m in verdict.models if split in m.scores), default=0)
        if count < FEW_TEST_CASES:
            message = f"{_few_in_words(count, FEW_NAMES[split], compared)}."
            found.append(VerdictWarning(code="few-test-cases", message=message))
    return found


def _few_in_words(count: int, name: str, compared: Comparison | None) -> str:
    """What so few test cases can show, and whether anything may be claimed from them."""
    start = f"with {count_of(count, name)}"
    if count < 2:
        return f"{start} there is no interval and no comparison: no claim can rest on this split"
    smallest = compared.smallest_detectable_difference if compared else None
    if compared is None:
        words = f"{start} intervals are wide for a reason"
    elif smallest is None:
        words = f"{start} it is unknown which differences could have been seen"
    elif smallest >= 100:
        words = f"{start}, and so unlike ones, no difference could have been seen reliably"
    else:
        words = f"{start} only differences above {smallest:.0f} points could have been seen"
    if count >= LEAST_FOR_CLAIMS:
        return f'{words}, so that "no measurable difference" does not mean none'
    return (
        f"{words}, and nothing can be claimed: {count} test cases all differ the same way by chance in "
        f"1 of {2 ** (count - 1)} cases; ask at least {LEAST_FOR_CLAIMS}"
    )


def _quantized_better_than_full(cells: Mapping[str, Cells]) -> list[VerdictWarning]:
    """A warning for each quantized model that scores above its own unquantized form on their common cells."""
    found = []
    for quantized, full in permutations(cells, 2):
        ours, theirs = name_in_parts(quantized), name_in_parts(full)
        if ours.base != theirs.base or ours.type in _FULL or theirs.type not in _FULL:
            continue
        apart = paired_difference(cells[quantized].points, cells[full].points)
        if apart.mean is None or apart.mean <= 0:
            continue
        p_value = sign_flip_p(list(apart.by_test_case.values()))
        if claim(apart.mean, apart.low, apart.high, p_value) == "better":
            meaning = (
                "measurably so; quantizing only loses, so that something else differs between their answers: "
                "compare how both were asked"
            )
        else:
            meaning = "which is noise: do not claim that quantizing made it better"
        found.append(
            VerdictWarning(
                code="quantized-better-than-full",
                message=f"{quantized} scores {points(apart.mean, apart.low, apart.high, sign=True)} points above "
                f"its unquantized form {full} on {count_of(len(apart.by_test_case), 'test case')}, {meaning}.",
                models=[quantized, full],
            )
        )
    return found
