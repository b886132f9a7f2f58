"""What Ray costs: the same answers judged by this process on so many cores, and through Ray on the same cores.

The cluster has one node for each core, all on this machine, and is up before anything is timed; connecting to it,
and starting workers and their Julia, is part of every turn, here as there. Both ways take turns in each round, the
first one first in every other round. The programs are the bundled suite's solutions, each with a comment that sets
it apart from others. Run it with `.venv/bin/python benchmarks/ray_judging.py [--json]`; it needs the extra `ray`.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from slingshot.judge import Judge, Submission, judge_many
from slingshot.judge.batches import BatchSizes
from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.judge.julia.install import find_julia
from slingshot.suite import bundled_suite, load_suite

_OBJECT_STORE = 80 << 20  # bytes, nearly the least that Ray takes


def submissions(count: int) -> list[Submission]:
    """So many answers, no two the same."""
    solutions = [(case, code) for case in load_suite(bundled_suite()) for code in case.solutions().values()]
    chosen = (solutions[place % len(solutions)] for place in range(count))
    return [
        Submission(f"```julia\n{code}\n# {place}\n```", case) for place, (case, code) in enumerate(chosen)
    ]


def turn(work: Sequence[Submission], by: Judge, cores: int) -> tuple[float, float]:
    """Seconds until the first verdict, and until the last; all are right."""
    start, first, found = time.perf_counter(), 0.0, 0
    for _, evaluation in judge_many(work, by, cores):
        first = first or time.perf_counter() - start
        found += evaluation.solved
    if found != len(work):
        raise SystemExit(f"{len(work) - found} of {len(work)} solutions fail; run `slingshot suite validate`")
    return first, time.perf_counter() - start


def count_batches() -> list[tuple[int, float, float]]:
    """A list that every batch of every later turn adds itself to: answers, seconds judged, seconds of pause."""
    batches: list[tuple[int, float, float]] = []
    note = BatchSizes.note

    def note_and_count(self: BatchSizes, answers: int, worked: float, pause: float) -> None:
        batches.append((answers, worked, pause))
        note(self, answers, worked, pause)

    BatchSizes.note = note_and_count  # type: ignore[method-assign]
    return batches


def measure(answers: int, rounds: int, cores: int, report: Callable[[str], None]) -> dict[str, float]:
    """Medians over the rounds, and of the ratio in each round."""
    from ray.cluster_utils import Cluster

    here = Judge(find_julia(), find_bubblewrap())
    work, batches = submissions(answers), count_batches()
    report(f"starting a cluster of {cores} nodes")
    arguments = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": _OBJECT_STORE}
    cluster = Cluster(initialize_head=True, head_node_args=arguments)
    try:
        for _ in range(cores - 1):
            cluster.add_node(num_cpus=1, object_store_memory=_OBJECT_STORE)
        ways = {"local": here, "ray": replace(here, ray=cluster.address)}
        found: dict[str, list[tuple[float, float]]] = {"local": [], "ray": []}
        for number in range(rounds):
            for way in list(ways)[:: -1 if number % 2 else 1]:
                found[way].append(turn(work, ways[way], cores))
                report(
                    f"{way}: first verdict after {found[way][-1][0]:.1f} s, all after {found[way][-1][1]:.1f} s"
                )
    finally:
        cluster.shutdown()
    pairs = list(zip(found["ray"], found["local"], strict=True))
    worked, pauses = sum(batch[1] for batch in batches), sum(batch[2] for batch in batches)
    return {
        "answers": answers,
        "rounds": rounds,
        "cores": cores,
        **{f"{way}_seconds": statistics.median(whole for _, whole in found[way]) for way in found},
        **{f"{way}_first_seconds": statistics.median(first for first, _ in found[way]) for way in found},
        "ratio": statistics.median(ray[1] / local[1] for ray, local in pairs),
        "ratio_after_first": statistics.median(
            (ray[1] - ray[0]) / (local[1] - local[0]) for ray, local in pairs
        ),
        "pause_milliseconds": 1000 * statistics.median(batch[2] for batch in batches),
        "pause_share": pauses / (worked + pauses),
        "answers_per_batch": sum(batch[0] for batch in batches) / len(batches),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--answers", type=int, default=2000, help="judged in each turn")
    parser.add_argument("--rounds", type=int, default=5, help="turns that each way takes")
    parser.add_argument("--cores", type=int, default=2, help="workers of each way, and nodes of the cluster")
    options = parser.parse_args()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    found = measure(options.answers, options.rounds, options.cores, lambda line: print(line, file=sys.stderr))
    if options.json:
        print(json.dumps({name: round(value, 4) for name, value in found.items()}))
        return
    for name, value in found.items():
        print(f"{name.replace('_', ' '):>22}  {value:.4g}")


if __name__ == "__main__":
    main()
