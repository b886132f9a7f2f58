"""How often a 95 % interval holds the truth, on simulated test cases whose truth is known.

Each trial draws test cases from a made-up world of them, asks each five times (where told, some of them give the
same answer five times), and sees whether the interval that the package computes holds the world's mean. Figures
are per cent of the trials; with 2,000 of them chance moves a figure by one to either side.

Scores are of five possible values, as of four unit tests; solved is 0 or 1; differences are those of two models
that find the same test cases easy. Run it with `.venv/bin/python benchmarks/coverage.py [--json] [--trials N]`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slingshot.statistics import interval_over_test_cases, paired_difference

Numbers = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Numbers]
TEST_CASES = (3, 5, 8, 14, 50)
ANSWERS = 5
COPYING = 0.3
WORLD = 4_000_000


def beta(a: float, b: float) -> Draw:
    """Test cases whose chance of success is spread as a beta distribution."""
    return lambda generator, count: generator.beta(a, b, count)


def ends(never: float, always: float, a: float, b: float) -> Draw:
    """Some test cases never succeed, some always, the others as a beta distribution."""

    def draw(generator: np.random.Generator, count: int) -> Numbers:
        where = generator.random(count)
        between = generator.beta(a, b, count)
        return np.where(where < never, 0.0, np.where(where < never + always, 1.0, between))

    return draw


def bell(generator: np.random.Generator, count: int) -> Numbers:
    """Test cases around 50 %, as a normal distribution."""
    return np.clip(generator.normal(0.5, 0.12, count), 0, 1)


SHAPES: dict[str, Draw] = {
    "bell": bell,
    "round": beta(2, 2),
    "skewed": beta(1, 4),
    "very skewed": beta(8, 1),
    "hard": beta(0.5, 1.5),
    "two heaps": beta(0.5, 0.5),
    "few at the ends": ends(0.1, 0.1, 2, 2),
    "half at the ends": ends(0.2, 0.3, 2, 2),
    "most at the ends": ends(0.4, 0.4, 1, 1),
    "half never": ends(0.5, 0.1, 1, 2),
    "most always": ends(0.0, 0.7, 5, 2),
}


def answers(generator: np.random.Generator, chances: Numbers, levels: int) -> Iterator[list[float]]:
    """Five answers to each test case, from 0 to 1 in so many steps; some test cases give one answer five times."""
    drawn = generator.binomial(levels, np.repeat(chances[:, None], ANSWERS, axis=1)) / levels
    copying = generator.random(len(chances)) < COPYING
    drawn = np.where(copying[:, None], drawn[:, :1], drawn)
    yield from drawn.tolist()


def holds_score(generator: np.random.Generator, draw: Draw, truth: float, count: int, levels: int) -> bool:
    """Whether the interval of one trial's mean holds the truth."""
    values = dict(
        zip(map(str, range(count)), answers(generator, draw(generator, count), levels), strict=True)
    )
    found = interval_over_test_cases(values, scale=(0.0, 1.0))
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def holds_difference(generator: np.random.Generator, draw: Draw, count: int) -> bool:
    """The same of a difference: model b's chances are those of a, an eighth of the way to the next test case's."""
    chances = draw(generator, count)
    easier = chances + (draw(generator, count) - chances) / 8
    cells = [
        {(str(index), "P"): values for index, values in enumerate(answers(generator, of_model, 4))}
        for of_model in (chances, easier)
    ]
    found = paired_difference(*cells, scale=(0.0, 1.0))
    return found.low is not None and found.high is not None and found.low <= 0 <= found.high


def measure(trials: int, report: Callable[[str], None]) -> list[dict[str, Any]]:
    """The coverage of every kind of figure, shape and number of test cases, in per cent."""
    rows = []
    for name, draw in SHAPES.items():
        truth = float(draw(np.random.default_rng(0), WORLD).mean())
        kinds: Mapping[str, Callable[[np.random.Generator, int], bool]] = {
            "score": lambda generator, count: holds_score(generator, draw, truth, count, 4),  # noqa: B023
            "solved": lambda generator, count: holds_score(generator, draw, truth, count, 1),  # noqa: B023
            "difference": lambda generator, count: holds_difference(generator, draw, count),  # noqa: B023
        }
        for kind, holds in kinds.items():
            covered = {}
            for count in TEST_CASES:
                generator = np.random.default_rng([count, len(kind), list(SHAPES).index(name)])
                covered[count] = 100 * sum(holds(generator, count) for _ in range(trials)) / trials
            rows.append({"shape": name, "kind": kind, "covered": covered})
            figures = "  ".join(f"{covered[count]:5.1f}" for count in TEST_CASES)
            report(f"{name:18}{kind:12}{figures}")
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--trials", type=int, default=2000)
    arguments = parser.parse_args()
    print(f"{'':30}" + "  ".join(f"{count:5}" for count in TEST_CASES), file=sys.stderr)
    rows = measure(arguments.trials, lambda line: print(line, file=sys.stderr, flush=True))
    if arguments.json:
        print(json.dumps({"trials": arguments.trials, "answers": ANSWERS, "copying": COPYING, "rows": rows}))


if __name__ == "__main__":
    main()
