"""From ten thousand answers to a billion: cores, hours, dollars and bytes, and what breaks first.

Two kinds of figures go in. What takes little is measured here, on the leaderboard's recordings, in seconds of
processor time: reading files, packing them, reading shards, making a table; and bytes, as they are and as the disk
counts them. What takes long was measured by the programs named beside each figure (`GIVEN`); an option replaces each.
What comes out is arithmetic: so much an answer, times the number of answers, divided among cores that lose nothing to
each other. Nothing above the million of `million.py` was run.

The folder is the leaderboard's recordings, unpacked from `../shared/data`, or any other that is named. Run it with
`.venv/bin/python benchmarks/scale.py [--json] [FOLDER]`.
"""

import argparse
import json
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recordings import unpacked

# Name: value, unit, and where it is from.
GIVEN: dict[str, tuple[float, str, str]] = {
    "judged_per_second": (32.9, "answers a second and core", "benchmarks/judging.py, in the sandbox"),
    "tokens_per_second": (
        58.0,
        "tokens a second and core",
        "benchmarks/asking.py: 116 on two, 135 M parameters",
    ),
    "asking_seconds": (0.0021, "seconds an answer beside the model's own", "benchmarks/asking.py"),
    "table_seconds": (5.5e-6, "seconds an answer", "benchmarks/million.py, processor time"),
    "table_bytes": (1520.0, "bytes of memory an answer", "benchmarks/million.py, peak"),
    "core_hour_usd": (0.05, "$ an hour and core", "assumed: half of the README's round figure for two"),
    "memory_bytes": (16e9, "bytes of memory", "assumed: a machine that many have"),
    "patience_hours": (24.0, "hours", "assumed: what one waits for"),
}
SIZES = (10**4, 10**6, 10**9)
CORES = (2, 64, 1000)
UNITS = ("B", "kB", "MB", "GB", "TB")


def measured(folder: Path, scratch: Path) -> dict[str, float]:
    """What an answer costs: seconds of processor time, and bytes."""
    from slingshot.leaderboard import COLUMNS, build_leaderboard
    from slingshot.recordings.load import read_recordings
    from slingshot.recordings.packing import pack_recordings
    from slingshot.recordings.scan import conversation_of, scan

    def timed(work: Callable[[], Any]) -> tuple[float, Any]:
        start = time.process_time()
        done = work()
        return time.process_time() - start, done

    files, loaded = timed(lambda: read_recordings(folder, fresh=True))
    packing, packed = timed(lambda: pack_recordings(folder, scratch))
    shards, read = timed(lambda: read_recordings(scratch, columns=COLUMNS))
    table, _ = timed(lambda: build_leaderboard(read.frame))
    names = [name for one in scan(folder, stamps=False).evaluations for name in (one, conversation_of(one))]
    on_disk = sum((folder / name).stat().st_blocks * 512 for name in names)
    asked = loaded.frame.filter(loaded.frame["tokens_answer"] > 0)
    count = loaded.frame.height
    return {
        "answers": count,
        "tokens": float(asked["tokens_answer"].to_numpy().mean()),
        "read_files_seconds": files / count,
        "pack_seconds": packing / count,
        "read_shards_seconds": shards / count,
        "table_seconds": table / count,
        "json_bytes": packed.json_bytes / count,
        "disk_bytes": on_disk / count,
        "shard_bytes": packed.file_bytes / count,
    }


def costs(answers: int, one: dict[str, float], given: dict[str, float]) -> dict[str, Any]:
    """What so many answers cost, by step in hours of one core, and in bytes."""
    seconds = {
        "ask": one["tokens"] / given["tokens_per_second"] + given["asking_seconds"],
        "judge": 1 / given["judged_per_second"],
        "read files": one["read_files_seconds"],
        "pack": one["pack_seconds"],
        "table from shards": given["table_seconds"],
    }
    hours = {step: answers * each / 3600 for step, each in seconds.items()}
    return {
        "answers": answers,
        "core_hours": hours,
        "usd": {step: taken * given["core_hour_usd"] for step, taken in hours.items()},
        "hours": {cores: {step: hours[step] / cores for step in ("ask", "judge")} for cores in CORES},
        "files": 2 * answers,
        "bytes": {
            "JSON": answers * one["json_bytes"],
            "JSON on disk": answers * one["disk_bytes"],
            "shards": answers * one["shard_bytes"],
            "memory of a table": answers * given["table_bytes"],
        },
    }


def limits(one: dict[str, float], given: dict[str, float]) -> dict[str, float]:
    """From how many answers on each thing is too much for one machine of two cores."""
    seconds = given["patience_hours"] * 3600
    return {
        "asking a small model on two cores, a day": 2
        * seconds
        / (one["tokens"] / given["tokens_per_second"]),
        "judging on two cores, a day": 2 * seconds * given["judged_per_second"],
        "reading JSON files without the cache, a minute": 60 / one["read_files_seconds"],
        "the memory of a table": given["memory_bytes"] / given["table_bytes"],
        "a table from shards, a minute": 60 / given["table_seconds"],
    }


def rounded(value: float) -> str:
    """Two digits that count, with thousands apart."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def in_bytes(value: float) -> str:
    """Such as `2.8 GB`."""
    power = min(int(math.log10(max(value, 1)) // 3), 4)
    size = value / 1000**power
    return f"{size:.2g} {UNITS[power]}" if size < 100 else f"{size:.0f} {UNITS[power]}"


def as_tables(found: dict[str, Any]) -> str:
    """The tables of docs/scale.md."""
    sizes = found["sizes"]
    heads = [f"10^{len(str(size['answers'])) - 1} answers" for size in sizes]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---:|' * len(sizes)}"]
    for step in sizes[0]["core_hours"]:
        cells = [f"{rounded(s['core_hours'][step])} h, ${rounded(s['usd'][step])}" for s in sizes]
        lines.append(f"| {step}: hours of one core, dollars | {' | '.join(cells)} |")
    for cores in CORES:
        for step in ("ask", "judge"):
            cells = [f"{rounded(s['hours'][cores][step])} h" for s in sizes]
            lines.append(f"| {step} on {cores:,} cores | {' | '.join(cells)} |")
    lines.append(f"| JSON files | {' | '.join(rounded(s['files']) for s in sizes)} |")
    lines += [
        f"| {kind} | {' | '.join(in_bytes(s['bytes'][kind]) for s in sizes)} |" for kind in sizes[0]["bytes"]
    ]
    lines += ["", "| too much for one machine of two cores | from |", "|---|---:|"]
    for name, count in sorted(found["limits"].items(), key=lambda item: item[1]):
        lines.append(f"| {name} | {float(f'{count:.2g}'):,.0f} answers |")
    lines += ["", "| an answer, measured here | |", "|---|---:|"]
    one = found["measured"]
    for key, value in one.items():
        unit = "µs" if key.endswith("seconds") else ""
        shown = f"{1e6 * value:,.1f} {unit}" if unit else f"{value:,.0f}"
        lines.append(f"| {key.removesuffix('_seconds').replace('_', ' ')} | {shown} |")
    lines += ["", "| given | | from |", "|---|---:|---|"]
    for name, (_, unit, source) in GIVEN.items():
        lines.append(f"| {name.replace('_', ' ')} | {found['given'][name]:,g} {unit} | {source} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="recordings; the leaderboard's without it")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    for name, (value, unit, source) in GIVEN.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=value, metavar="X", help=f"{unit} ({source})")
    options = parser.parse_args()
    given = {name: getattr(options, name) for name in GIVEN}
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or unpacked(Path(scratch))
        one = measured(folder, Path(scratch, "packed"))
    found = {
        "measured": one,
        "given": given,
        "sizes": [costs(size, one, given) for size in SIZES],
        "limits": limits(one, given),
    }
    print(json.dumps(found) if options.json else as_tables(found))


if __name__ == "__main__":
    main()
