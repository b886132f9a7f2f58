"""What it takes to choose a dataset from recordings, and how unlike each other the chosen answers are.

Every strategy builds the whole dataset, 50 rows per test case, three test cases held out, in a process of its
own that reads all recordings from their files. Alike is the mean over test cases of the mean Jaccard index of
all pairs of chosen programs (token 3-grams, 0 to 1); seconds are the median of the rounds.

The folder is the leaderboard's recordings, unpacked from `../shared/data`, or any other that is named. Run it
with `.venv/bin/python benchmarks/choosing.py [--json] [FOLDER]`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

from recordings import unpacked

STRATEGIES = ("original", "shortest", "diverse")
HOLD_OUT = ["extract_julia_code", "pig_latinify", "q_and_a_extractor"]


def measure_here(strategy: str, folder: Path, out: Path) -> dict[str, float]:
    """Build once; seconds from the files to the dataset's, peak resident bytes, and what was chosen."""
    from slingshot.dataset import Given, Selection, build_dataset
    from slingshot.dataset.normalize import code_tokens, normalized_code
    from slingshot.dataset.shingles import jaccard, shingles
    from slingshot.judge import extract_code
    from slingshot.recordings.load import read_recordings
    from slingshot.suite import load_suite

    started = time.perf_counter()
    loaded = read_recordings(folder, fresh=True)
    given = Given(suite=load_suite(folder), folders=[folder])
    built = build_dataset(
        loaded.frame, out, Selection.model_validate({"strategy": strategy}), HOLD_OUT, given
    )
    seconds = time.perf_counter() - started
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    programs: dict[str, list[str]] = {}
    for row in built.rows:
        programs.setdefault(row.test_case, []).append(normalized_code(extract_code(row.answer)))
    alike, grams = [], set[int]()
    for codes in programs.values():
        sets = [shingles(code_tokens(code)) for code in codes]
        grams.update(*sets)
        alike.append(statistics.mean(jaccard(a, b) for a, b in combinations(sets, 2)))
    return {
        "seconds": seconds,
        "peak_bytes": int(peak.split()[1]) * 1024,
        "rows": len(built.rows),
        "distinct_programs": len({(name, code) for name, codes in programs.items() for code in codes}),
        "distinct_3_grams": len(grams),
        "alike": statistics.mean(alike),
        "models": len({row.source for row in built.rows}),
        "largest_label_share": max(built.card["rows_per_prompt_label"].values()) / len(built.rows),
    }


def measure(folder: Path, rounds: int) -> dict[str, dict[str, float]]:
    """All strategies in turns, each in its own process."""
    found: dict[str, list[dict[str, float]]] = {strategy: [] for strategy in STRATEGIES}
    with tempfile.TemporaryDirectory() as out:
        for _ in range(rounds):
            for strategy in STRATEGIES:
                command = [sys.executable, __file__, str(folder), "--one", strategy, "--out", out]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                found[strategy].append(json.loads(done.stdout))
    return {
        strategy: {key: statistics.median(each[key] for each in runs) for key in runs[0]}
        for strategy, runs in found.items()
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="recordings [default: the leaderboard's]")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=STRATEGIES, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure_here(options.one, options.folder, options.out)))
        return
    with tempfile.TemporaryDirectory() as place:
        result: dict[str, Any] = measure(options.folder or unpacked(Path(place)), options.rounds)
    if options.json:
        print(json.dumps(result))
        return
    for strategy, facts in result.items():
        print(
            f"{strategy}: {facts['rows']:.0f} rows in {facts['seconds']:.1f} s, {facts['peak_bytes'] / 1e6:.0f} MB;"
            f" {facts['distinct_programs']:.0f} distinct programs, {facts['distinct_3_grams']:.0f} distinct 3-grams,"
            f" alike {facts['alike']:.3f}, {facts['models']:.0f} models, largest label"
            f" {100 * facts['largest_label_share']:.0f} %"
        )


if __name__ == "__main__":
    main()
