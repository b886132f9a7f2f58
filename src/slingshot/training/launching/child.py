"""`accelerate launch` as a child: what it is given, how far it is, and what it says when it fails.

Its processes are `slingshot train` with a plain training configuration, so both files it is given can be used by
hand, too. The first process writes checkpoints, metrics and the result; this one only reads them.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from slingshot.commands import end_with_parent
from slingshot.errors import SlingshotError
from slingshot.files import write_text
from slingshot.training.config import TrainingConfig
from slingshot.training.course.journal import METRICS, read_metrics
from slingshot.training.course.metrics import Step, TrainingResult
from slingshot.training.launching.config import (
    LaunchConfig,
    accelerate_config,
    divided,
    threads_of_a_process,
)

ACCELERATE_FILE, TRAINING_FILE = "accelerate.yml", "training.yml"

_SECONDS_BETWEEN_LOOKS = 0.3
_SECONDS_TO_END = 40.0  # torch gives its processes 30 before it kills them
_OUR_SENTENCE = re.compile(r"^slingshot: (.+)$", re.MULTILINE)
# Those that the launcher ends because another failed get a SIGTERM.
_ENDED_BY = re.compile(r"Signal \d+ \((?!SIGTERM)(SIG\w+)\) received by PID")
_LAST_OF_A_TRACEBACK = re.compile(r"^(?:\[rank\d+\]: )?((?:\w+\.)*\w*(?:Error|Exception)\b.*)$", re.MULTILINE)


def train_in_processes(
    config: TrainingConfig,
    launch: LaunchConfig,
    machine: int,
    folder: Path,
    log: Path,
    on_step: Callable[[Step], None] = lambda step: None,
) -> None:
    """Train on this machine's processes, together with those of the other machines if there are any.

    Args:
        config: what to train, all of its paths whole; a step takes as many rows as in one process.
        launch: in how many processes, and where.
        machine: the number of this one, from 0.
        folder: where the configurations of accelerate and of the training are written; templates' files, too, are
            looked up there.
        log: what the processes print is added to it.
        on_step: called with the latest step now and then, on the first machine; on others nothing is written.

    Raises:
        RequestError: the rows of a step cannot be divided among the processes.
        SlingshotError: a process failed, in its own words.
    """
    each = divided(config, launch)
    write_text(folder / ACCELERATE_FILE, yaml.safe_dump(accelerate_config(launch, machine), sort_keys=False))
    content = yaml.safe_dump(plain_config(each), sort_keys=False, allow_unicode=True)
    write_text(folder / TRAINING_FILE, content)
    command = [sys.executable, "-m", "accelerate.commands.launch"]
    command += ["--config_file", str(folder / ACCELERATE_FILE)]
    command += ["--num_cpu_threads_per_process", str(threads_of_a_process(launch))]
    with TemporaryDirectory(prefix="slingshot-launch-") as scratch:  # torch would leave one of its own behind
        command += ["--log_dir", scratch]
        command += ["--module", "slingshot", "train", str(folder / TRAINING_FILE)]
        _run(command, launch, log, Path(config.output_dir) / METRICS, on_step)


def read_result(out: Path) -> TrainingResult:
    """What a finished training in a folder was, as its first process wrote it."""
    return TrainingResult(**json.loads((out / "training.json").read_text(encoding="utf-8")))


def plain_config(config: TrainingConfig) -> dict[str, Any]:
    """A configuration as a training file says it: what was given, and what a recipe's defaults add to it.

    A default that means nothing beside what was given is left out: the file would contradict itself.
    """
    content = config.model_dump(mode="json", exclude_unset=True)
    for name, field in type(config).model_fields.items():
        if field.default != TrainingConfig.model_fields[name].default:
            content.setdefault(name, field.default)
    decided = config.saves_per_epoch is not None or config.save_strategy in ("no", "epoch")
    if decided and "save_steps" not in config.model_fields_set:
        del content["save_steps"]
    content["learning_rate"] = config.learning_rate
    return {key: value for key, value in content.items() if value is not None}


def _run(
    command: Sequence[str],
    launch: LaunchConfig,
    log: Path,
    metrics: Path,
    on_step: Callable[[Step], None],
) -> None:
    """Run the launcher to its end, or end it when we are stopped.

    Raises:
        SlingshotError: it failed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    before, shown = _time_of(metrics), 0
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for us to pass on
            preexec_fn=end_with_parent,
        )
        try:
            running = True
            while running:
                running = not _ended(process, _SECONDS_BETWEEN_LOOKS)
                if _time_of(metrics) != before and (steps := read_metrics(metrics)):
                    before = _time_of(metrics)
                    if steps[-1].step != shown:
                        shown = steps[-1].step
                        on_step(steps[-1])
        finally:
            _end(process)
    if process.returncode:
        raise _why(log.read_bytes()[begin:].decode(errors="replace"), launch, log)


def _time_of(path: Path) -> int | None:
    """When a file was written last; None: it is not there."""
    return path.stat().st_mtime_ns if path.exists() else None


def _ended(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether a process ends within so many seconds."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the launcher, which ends its processes first; they leave whole checkpoints, or none."""
    process.terminate()
    if not _ended(process, _SECONDS_TO_END):
        process.kill()  # its processes end with it
        process.wait()


def _why(said: str, launch: LaunchConfig, log: Path) -> SlingshotError:
    """What the processes said, in one sentence."""
    if own := _OUR_SENTENCE.search(said):
        return SlingshotError(own[1])
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if ended := _ENDED_BY.search(said):
        reason = f"one was ended by {ended[1]}"
        reason += ", most likely for want of memory" if ended[1] == "SIGKILL" else ""
    elif found := _LAST_OF_A_TRACEBACK.search(said):
        reason = found[1]
    else:
        reason = lines[-1] if lines else "it printed nothing"
    others = " and those of the other machines have" if launch.machines > 1 else " has"
    return SlingshotError(f"training in {launch.words} failed: {reason}; {log}{others} all that was said")
