"""How long a table of a million answers takes, and how much memory: recordings packed into Parquet shards.

The answers are made of the leaderboard's: each of its 23,784 recordings comes back under other names of models and
test cases (3 and 4 of each) and with other timestamps, every time with a comment of its own, so that copies stay
copies and others differ. A test case is made at a time, written, and forgotten. Each table is made by the command
`slingshot leaderboard` in a process of its own, imports among them; seconds on the clock and seconds of processor
time, all threads together, are medians of the rounds; memory is its peak resident size. How small the shards are says
nothing, for what is made of one answer compresses to little; `scale.py` measures that on answers that differ.

The folder is the leaderboard's recordings, unpacked from `../shared/data`, or any other that is named. Run it with
`.venv/bin/python benchmarks/million.py [--json] [--answers N] [--keep DIR] [FOLDER]`.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import polars as pl

from recordings import unpacked
from slingshot.recordings.packed import SHARD_SCHEMA, checked_shard, pair_of, read_contents
from slingshot.recordings.packing import ROWS_OF_A_SHARD, list_shards, pack_recordings, write_shard
from slingshot.recordings.rows import hash_of_answer

MODELS, TEST_CASES = 3, 4
TABLES = ("model", "prompt", "test-case")


def again(row: dict[str, Any], turn: int) -> dict[str, Any]:
    """A recording under other names, as it is in turn `turn`."""
    model = f"{row['model']}-{turn % MODELS}"
    test_case = f"{row['test_case']}_{turn // MODELS % TEST_CASES}"
    second, _, rest = row["timestamp"].partition("__")
    timestamp = f"{second}__{1000 * turn + int(rest or 0)}"
    names = {
        f'"name":"{row["test_case"]}"': f'"name":"{test_case}"',
        f'"model":"{row["model"]}"': f'"model":"{model}"',
        f'"timestamp":"{row["timestamp"]}"': f'"timestamp":"{timestamp}"',
    }
    evaluation = row["evaluation"]
    for old, new in names.items():
        evaluation = evaluation.replace(old, new)
    answer = f"{row['answer']}\n# {turn}"
    file = f"evaluation__{row['prompt_label']}__{row['strategy']}__{timestamp}.json"
    own = {"model": model, "test_case": test_case, "timestamp": timestamp, "evaluation": evaluation}
    path = f"{test_case}/{model}/{file}"
    return {**row, **own, "answer": answer, "answer_hash": hash_of_answer(answer), "path": path}


def shapes(folder: Path, scratch: Path) -> pl.DataFrame:
    """The recordings that all others are made of, one row each."""
    pack_recordings(folder, scratch)
    frame = pl.concat(checked_shard(scratch, shard) for shard in read_contents(scratch).shards)
    return frame.drop_nulls("conversation_after")


def made(frame: pl.DataFrame, count: int) -> Iterator[pl.DataFrame]:
    """So many recordings in the order of their paths, a test case at a time."""
    turns, left = -(-count // frame.height), count
    for name in frame["test_case"].unique().sort():
        own = frame.filter(pl.col("test_case") == name).to_dicts()
        for number in range(TEST_CASES):
            rows = [again(row, t) for t in range(turns) if t // MODELS % TEST_CASES == number for row in own]
            rows = sorted(rows[:left], key=lambda row: row["path"])
            left -= len(rows)
            yield pl.DataFrame(rows, schema=SHARD_SCHEMA)


def write(frame: pl.DataFrame, count: int, out: Path) -> None:
    """Write so many recordings into shards."""
    shards, waiting = [], pl.DataFrame(schema=SHARD_SCHEMA)
    for rows in made(frame, count):
        waiting = pl.concat([waiting, rows])
        while waiting.height >= ROWS_OF_A_SHARD:
            shards.append(write_shard(out, waiting[:ROWS_OF_A_SHARD].rechunk(), bytes_of(waiting)))
            waiting = waiting[ROWS_OF_A_SHARD:]
    if waiting.height:
        shards.append(write_shard(out, waiting, bytes_of(waiting)))
    list_shards(out, tuple(shards), complete=True)


def bytes_of(frame: pl.DataFrame) -> int:
    """The size of the JSON files of the rows of one shard, estimated from 1,000 of them."""
    rows = frame[:ROWS_OF_A_SHARD]
    sample = rows.sample(min(1000, rows.height), seed=0).to_dicts()
    size = sum(len(pair.conversation) + len(pair.evaluation) for pair in map(pair_of, sample))
    return size * rows.height // len(sample)


def measure_here(folder: Path, by: str) -> None:
    """Make a table, and say how much memory this process needed on standard error's last line."""
    from slingshot.cli import app

    app(["leaderboard", str(folder), "--by", by, "--format", "json"], standalone_mode=False)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    print(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1], file=sys.stderr)


def measure_apart(folder: Path, by: str, cache: Path) -> dict[str, float]:
    """Seconds of a new process that makes a table, its peak memory in bytes, and the answers it counted."""
    command = [sys.executable, __file__, "--by", by, str(folder)]
    environment = {**os.environ, "SLINGSHOT_CACHE": str(cache)}
    start, before = time.perf_counter(), processor_seconds()
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    seconds, busy = time.perf_counter() - start, processor_seconds() - before
    answers = sum(row["samples"] for row in json.loads(done.stdout)["rows"])
    peak = int(done.stderr.split()[-1]) * 1024
    return {"seconds": seconds, "processor_seconds": busy, "peak": peak, "answers": answers}


def processor_seconds() -> float:
    """What all processes that were waited for have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(folder: Path, rounds: int, cache: Path) -> dict[str, Any]:
    """Every table in turns."""
    runs = [{by: measure_apart(folder, by, cache) for by in TABLES} for _ in range(rounds)]
    contents = read_contents(folder)
    return {
        "answers": contents.recordings,
        "shards": len(contents.shards),
        "file_bytes": sum(shard.file_bytes for shard in contents.shards),
        "json_bytes_estimated": sum(shard.json_bytes for shard in contents.shards),
        "tables": {
            by: {
                **{
                    key: statistics.median(run[by][key] for run in runs)
                    for key in ("seconds", "processor_seconds")
                },
                "peak_memory_bytes": max(run[by]["peak"] for run in runs),
                "answers": runs[0][by]["answers"],
            }
            for by in TABLES
        },
    }


def main() -> None:
    """Make, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="recordings; the leaderboard's without it")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--answers", type=int, default=1_000_000, help="how many to make")
    parser.add_argument("--rounds", type=int, default=3, help="turns that every table takes")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make them here, and leave them there")
    parser.add_argument("--by", choices=TABLES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.by:
        measure_here(options.folder, options.by)
        return
    with tempfile.TemporaryDirectory() as scratch, nullcontext(options.keep or Path(scratch, "made")) as out:
        out.mkdir(parents=True, exist_ok=True)
        if not any(out.glob("*.json")):
            frame = shapes(options.folder or unpacked(Path(scratch)), Path(scratch, "shapes"))
            write(frame, options.answers, out)
        found = measure(out, options.rounds, Path(scratch, "cache"))
    if options.json:
        print(json.dumps(found))
        return
    sizes = found["file_bytes"] / 1e6, found["json_bytes_estimated"] / 1e6
    print(f"{found['answers']:,} answers in {found['shards']} shards, {sizes[0]:,.0f} MB", end="")
    print(f" (as JSON files about {sizes[1]:,.0f})")
    for by, taken in found["tables"].items():
        peak = taken["peak_memory_bytes"] / 1e6
        seconds = f"{taken['seconds']:5.1f} s ({taken['processor_seconds']:.1f} of processor time)"
        print(f"{by:>10}  {seconds}  {peak:5,.0f} MB  {taken['answers']:,} answers counted")


if __name__ == "__main__":
    main()
