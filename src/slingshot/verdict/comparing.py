"""Every tuned model against every base and every recorded one, split by split; claims that many comparisons leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slingshot.statistics import (
    LEAST_FOR_CLAIMS,
    Cell,
    PairedDifference,
    claim,
    holm,
    paired_difference,
    sign_flip_p,
    smallest_detectable_difference,
)
from slingshot.verdict.cells import Cells
from slingshot.verdict.contract import Comparison, Family, Split


@dataclass(frozen=True)
class Compared:
    """Model `a` against model `b` on a split, before anything is claimed.

    Attributes:
        a: name of the one.
        b: name of the other.
        on: the split.
        family: the comparisons that it is corrected with.
        points: the paired difference of the scores.
        solved: that of the shares of answers that pass all unit tests.
    """

    a: str
    b: str
    on: Split
    family: Family
    points: PairedDifference
    solved: PairedDifference


def compare(
    a: str, b: str, on: Split, family: Family, ours: Cells, theirs: Cells, resamples: int, seed: int
) -> Compared:
    """Two models on a split, each with its cells there."""

    def paired(
        of_a: Mapping[Cell, Sequence[float]], of_b: Mapping[Cell, Sequence[float]], top: float
    ) -> PairedDifference:
        return paired_difference(
            of_a,
            of_b,
            scale=(0.0, top),
            a_distinct=ours.distinct,
            b_distinct=theirs.distinct,
            resamples=resamples,
            seed=seed,
        )

    points = paired(ours.points, theirs.points, 100.0)
    return Compared(a, b, on, family, points, paired(ours.solved, theirs.solved, 1.0))


def with_claims(compared: Sequence[Compared], seed: int) -> list[Comparison]:
    """The comparisons of a verdict with their p values, corrected within each family, and what they allow to claim."""
    points = _p_values([one.points for one in compared], [one.family for one in compared], seed)
    solved = _p_values([one.solved for one in compared], [one.family for one in compared], seed)
    return [
        _comparison(one, *of_points, *of_solved)
        for one, of_points, of_solved in zip(compared, points, solved, strict=True)
    ]


def _p_values(
    differences: Sequence[PairedDifference], families: Sequence[Family], seed: int
) -> list[tuple[float | None, float | None]]:
    """The p value of each difference, and the corrected one; None for both below two common test cases.

    A comparison on fewer than `LEAST_FOR_CLAIMS` test cases can claim nothing, so that it makes no false claim
    likelier: it stays as it is and corrects no other (Tarone 1990, "A modified Bonferroni method for discrete
    data", Biometrics 46(2)).
    """
    own = [
        sign_flip_p(list(one.by_test_case.values()), seed=seed) if len(one.by_test_case) > 1 else None
        for one in differences
    ]
    corrected = list(own)
    for family in set(families):
        members = [
            (place, p)
            for place, (p, of, one) in enumerate(zip(own, families, differences, strict=True))
            if of == family and p is not None and len(one.by_test_case) >= LEAST_FOR_CLAIMS
        ]
        for (place, _), p in zip(members, holm([p for _, p in members]), strict=True):
            corrected[place] = p
    return list(zip(own, corrected, strict=True))


def _comparison(
    one: Compared,
    p_value: float | None,
    p_adjusted: float | None,
    solved_p_value: float | None,
    solved_p_adjusted: float | None,
) -> Comparison:
    points, solved = one.points, one.solved
    return Comparison(
        a=one.a,
        b=one.b,
        on=one.on,
        difference=points.mean,
        low=points.low,
        high=points.high,
        solved_difference=solved.mean,
        solved_low=solved.low,
        solved_high=solved.high,
        tasks=len(points.by_test_case),
        smallest_detectable_difference=smallest_detectable_difference(list(points.by_test_case.values())),
        claim=claim(points.mean, points.low, points.high, p_adjusted),
        family=one.family,
        p_value=p_value,
        p_adjusted=p_adjusted,
        solved_p_value=solved_p_value,
        solved_p_adjusted=solved_p_adjusted,
        solved_claim=claim(solved.mean, solved.low, solved.high, solved_p_adjusted),
    )
