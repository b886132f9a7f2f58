"""What training rows are compared with: the held-out test cases as they were asked and answered, and benchmarks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from slingshot.dataset.overlap.targets import Target, targets_of_suite
from slingshot.judge import extract_code
from slingshot.suite import TestCase


def unseen_targets(
    hold_out: Sequence[str],
    recordings: pl.DataFrame,
    answered: pl.DataFrame,
    suite: Sequence[TestCase],
    benchmarks: Sequence[TestCase],
) -> list[Target]:
    """The test cases of which nothing may stand in training rows.

    Args:
        hold_out: names of held-out test cases.
        recordings: all that was asked; gives the questions as models saw them.
        answered: chosen answers to held-out test cases; their code counts like a reference solution.
        suite: definitions of test cases; a held-out one without a definition is compared without unit tests.
        benchmarks: test cases of other suites.
    """
    defined = {case.name: case for case in suite}
    targets = []
    for name in hold_out:
        own = recordings.filter(pl.col("test_case") == name)
        prompts = own["prompt"].unique().sort().to_list()
        answers = answered.filter(pl.col("test_case") == name)["answer"].unique(maintain_order=True).to_list()
        if case := defined.get(name):
            (target,) = targets_of_suite([case], {name: answers})
            targets.append(replace(target, prompts=[*target.prompts, *prompts]))
        else:
            place = Path(own["path"].min() or "").parent  # type: ignore[arg-type]  # of texts it is a text
            targets.append(Target(name, place, prompts, [extract_code(answer) for answer in answers]))
    return targets + targets_of_suite([case for case in benchmarks if case.name not in hold_out])
