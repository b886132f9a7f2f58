"""How fast recordings load, with all their conversations: from their files, and from the cache.

Measured against the least that anybody could do to see the evaluations: `os.walk` and `json.load`, without the
conversations, which are four fifths of the bytes. Every way runs in a process of its own, in turns; a figure is
the median over the rounds, a ratio the median of the ratios of each round. `stat` asks for the size and time of
every file and does nothing else: what it takes to see that a cache still holds.

The folder is the leaderboard's recordings, unpacked from `../shared/data`, or any other that is named. Run it
with `.venv/bin/python benchmarks/recordings.py [--json] [FOLDER]`.
"""

import argparse
import json
import lzma
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "julia-llm-leaderboard" / "code_generation.tar.xz"
WAYS = ("bare", "stat", "uncached", "cached")


def bare(folder: Path) -> int:
    """Parse every evaluation."""
    count = 0
    for place, _, names in os.walk(folder):
        for name in names:
            if name.startswith("evaluation__"):
                json.load(open(os.path.join(place, name)))  # noqa: PTH118, PTH123, SIM115
                count += 1
    return count


def stat(folder: Path) -> int:
    """Ask for the size and the time of every file."""
    from slingshot.recordings.scan import scan

    return len(scan(folder).stamps)


def load(folder: Path) -> int:
    """Load the frame."""
    from slingshot.recordings.load import load_recordings

    return load_recordings(folder).height


def measure_here(way: str, folder: Path) -> dict[str, float]:
    """Seconds, peak resident memory of this process in bytes, and how many recordings there are."""
    if way != "bare":
        import slingshot.recordings.load  # noqa: F401  what is measured is loading, not importing

    work: dict[str, Callable[[Path], int]] = {"bare": bare, "stat": stat}
    start = time.perf_counter()
    count = work.get(way, load)(folder)
    seconds = time.perf_counter() - start
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return {"seconds": seconds, "peak": int(peak.split()[1]) * 1024, "recordings": count}


def measure_apart(way: str, folder: Path, cache: Path) -> dict[str, float]:
    """The same of a new process."""
    command = [sys.executable, __file__, "--way", way, str(folder)]
    environment = {**os.environ, "SLINGSHOT_CACHE": str(cache)}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(folder: Path, rounds: int, report: Callable[[str], None]) -> dict[str, Any]:
    """Every way in turns."""
    seconds: dict[str, list[float]] = defaultdict(list)
    peak, counts = 0.0, set()
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(rounds):
            for way in WAYS:
                if way == "uncached":
                    shutil.rmtree(Path(cache, "recordings"), ignore_errors=True)
                found = measure_apart(way, folder, Path(cache))
                seconds[way].append(found["seconds"])
                counts.add(found["recordings"])
                peak = max(peak, found["peak"])
            report(", ".join(f"{way} {taken[-1]:.3f} s" for way, taken in seconds.items()))
    if len(counts) != 1:
        raise SystemExit(f"{folder}: the ways do not see the same recordings: {sorted(counts)}")
    ratios = {
        f"ratio_{way}_to_bare": statistics.median(
            taken / plain for taken, plain in zip(seconds[way], seconds["bare"], strict=True)
        )
        for way in WAYS[1:]
    }
    return {
        **ratios,
        "peak_memory_bytes": int(peak),
        "seconds": {way: statistics.median(taken) for way, taken in seconds.items()},
        "recordings": counts.pop(),
    }


def unpacked(folder: Path) -> Path:
    """The leaderboard's recordings, unpacked below `folder`."""
    if not ARCHIVE.exists():
        raise SystemExit(f"{ARCHIVE} is not there; name a folder of recordings")
    command = ["tar", "--extract", "--directory", str(folder)]
    with lzma.open(ARCHIVE) as content, subprocess.Popen(command, stdin=subprocess.PIPE) as tar:
        assert tar.stdin is not None
        shutil.copyfileobj(content, tar.stdin)
    if tar.returncode != 0:
        raise SystemExit(f"{ARCHIVE} could not be unpacked")
    return folder / "code_generation"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="recordings; the leaderboard's without it")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--rounds", type=int, default=7, help="turns that every way takes")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measure_here(options.way, options.folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or unpacked(Path(scratch))
        found = measure(folder, options.rounds, lambda line: print(line, file=sys.stderr))
    if options.json:
        print(json.dumps(found))
        return
    print(f"{found['recordings']} recordings, peak memory {found['peak_memory_bytes'] / 1e6:.0f} MB")
    for way, taken in found["seconds"].items():
        ratio = found.get(f"ratio_{way}_to_bare", 1.0)
        print(f"{way:>10}  {taken:.3f} s  {ratio:.2f} of bare")


if __name__ == "__main__":
    main()
