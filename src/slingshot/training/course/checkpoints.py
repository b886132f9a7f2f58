"""Checkpoints: folders `checkpoint-STEP` that a killed training goes on from, whole or not there.

Each holds what the finished output will hold (an adapter or a model that any other tool can load), and beside it
the state of the training: weights and moments in full precision, the log so far, and its course: everything that
the losses depend on. A checkpoint of another course is refused, with the names of what differs.
"""

import hashlib
import re
import shutil
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.files import readable_disk_errors, sha256_of_file
from slingshot.folders import PARTIAL, remove_folder, whole_folder
from slingshot.training.config import TrainingConfig
from slingshot.training.rows.encoding import EncodedRow

STATE = "training_state.pt"
BEST = "best_weights.pt"

# What a training's losses do not depend on: where it reads and writes, what it shows. All other keys count.
_NO_PART_OF_THE_COURSE = {
    "base_model",
    "output_dir",
    "datasets",
    "test_datasets",
    "dataset_prepared_path",
    "logging_steps",
    "saves_per_epoch",
    "save_steps",
    "save_strategy",
    "save_total_limit",
    "resume_from_checkpoint",
    "auto_resume_from_checkpoints",
    "micro_batch_size",
    "gradient_accumulation_steps",
    "torch_compile",
    "tf32",
    "gradient_checkpointing",
}
_SHOWN_ELSEWHERE = ("use_", "wandb_", "mlflow_", "trackio_", "hub_")

Course = dict[str, Any]


def course_of(
    rows: Sequence[EncodedRow],
    validation: Sequence[EncodedRow],
    base: Path,
    config: TrainingConfig,
    processes: int,
) -> Course:
    """Everything that decides the losses, by name: rows and weights by hash, settings by value."""
    weights = [f"{path.name} {sha256_of_file(path)}" for path in sorted(base.glob("*.safetensors"))]
    settings = {
        key: value
        for key, value in config.model_dump(mode="json").items()
        if key not in _NO_PART_OF_THE_COURSE and not key.startswith(_SHOWN_ELSEWHERE)
    }
    return {
        "the training rows": _hash_of_rows(rows),
        "the validation rows": _hash_of_rows(validation),
        "the base model": " ".join(weights),
        "micro_batch_size x gradient_accumulation_steps x processes": (
            config.micro_batch_size * config.gradient_accumulation_steps * processes
        ),
        **settings,
    }


def _hash_of_rows(rows: Sequence[EncodedRow]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(array("q", (len(row), *row.tokens)).tobytes() + bytes(row.labels))
    return digest.hexdigest()


def save_checkpoint(out: Path, step: int, state: dict[str, Any], save_model: Callable[[Path], None]) -> None:
    """Write `checkpoint-STEP` in `out`; `save_model` writes the model's own files into a folder.

    Raises:
        SlingshotError: the disk is full or the folder may not be written.
    """
    with whole_folder(out / f"checkpoint-{step}") as part:
        save_model(part)
        _save(state, part / STATE)


def read_checkpoint(folder: Path, course: Course) -> dict[str, Any]:
    """The state in a checkpoint.

    Raises:
        RequestError: it belongs to another course, or there is no state in it.
        SlingshotError: it is broken.
    """
    if not (folder / STATE).is_file():
        raise RequestError(
            f"{folder}: no {STATE} in this folder, so no training can go on from it; name another checkpoint"
        )
    try:
        state: dict[str, Any] = torch.load(folder / STATE, map_location="cpu", weights_only=True)
        before: Course = state["course"]
    except (RuntimeError, KeyError, EOFError, ValueError, UnpicklingError) as error:
        raise SlingshotError(
            f"{folder}: this checkpoint is broken ({first_line(error)}); remove it, then run again"
        ) from None
    if words := _differences(before, course):
        raise RequestError(
            f"{folder} is of another training: {words}; undo that, or choose another output_dir, or remove the folder"
        )
    return state


def check_same(leaders: Course, own: Course) -> None:
    """See that this process trains what the first one does: on several machines each has its own rows and base.

    Raises:
        RequestError: it does not; what differs is named.
    """
    if words := _differences(leaders, own):
        raise RequestError(
            f"this machine would train something else than the first one: {words}; give both the same recipe, suite, "
            "recordings and base model"
        )


def _differences(before: Course, now: Course) -> str:
    """What differs between two courses, in words; nothing if they are the same."""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return ", ".join(_difference(name, before.get(name), now.get(name)) for name in names)


def _difference(name: str, before: Any, now: Any) -> str:
    return f"{name} changed" if name.startswith("the ") else f"{name} was {before} and is {now}"


def find_checkpoint(out: Path, config: TrainingConfig) -> Path | None:
    """The checkpoint to go on from: the one that is named, else the latest in `out`; None: from the start.

    Raises:
        RequestError: one is asked for and there is none.
    """
    asked = config.resume_from_checkpoint
    if isinstance(asked, str):
        return Path(asked)
    latest = max(_checkpoints(out), key=_step, default=None)
    if asked and latest is None:
        raise RequestError(
            f"resume_from_checkpoint: there is no checkpoint in {out}; remove that key to begin from the start"
        )
    wanted = config.auto_resume_from_checkpoints if asked is None else asked
    return latest if wanted else None


def keep_latest(out: Path, limit: int | None) -> None:
    """Remove all checkpoints but the `limit` latest."""
    for folder in sorted(_checkpoints(out), key=_step)[: -limit if limit else 0]:
        remove_folder(folder)


def begin(out: Path, checkpoint: Path | None) -> None:
    """Make `out` ready for a training from a checkpoint, or from the start.

    What a killed training was writing goes. Unless the checkpoint lies there, an earlier training's checkpoints
    go too: they would stand in the way of new ones.
    """
    for left in out.glob(f"{PARTIAL}*"):
        shutil.rmtree(left, ignore_errors=True)
    (out / BEST).with_suffix(".part").unlink(missing_ok=True)
    if checkpoint and checkpoint.parent.absolute() == out.absolute():
        return
    for folder in out.glob("checkpoint-*"):
        if re.fullmatch(r"checkpoint-\d+", folder.name):
            remove_folder(folder)
    if checkpoint and (checkpoint.parent / BEST).is_file():
        out.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkpoint.parent / BEST, out / BEST)


def keep_best(out: Path, weights: dict[str, torch.Tensor]) -> None:
    """Put the weights of the best validation so far aside, whole or not at all.

    Raises:
        SlingshotError: the disk is full or the file may not be written.
    """
    _save(weights, out / BEST)


def read_best(file: Path) -> dict[str, torch.Tensor]:
    """The weights that were put aside."""
    weights: dict[str, torch.Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    return weights


def finish_checkpoints(out: Path) -> None:
    """Take the state out of all checkpoints: the training is over, and they are what it was on its way."""
    (out / BEST).unlink(missing_ok=True)
    for folder in _checkpoints(out):
        (folder / STATE).unlink()


def _checkpoints(out: Path) -> list[Path]:
    """The checkpoints that a training can go on from."""
    return [
        folder
        for folder in out.glob("checkpoint-*")
        if re.fullmatch(r"checkpoint-\d+", folder.name) and (folder / STATE).is_file()
    ]


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _save(value: Any, path: Path) -> None:
    part = path.with_suffix(".part")
    with readable_disk_errors(path):
        try:
            torch.save(value, part)
            part.replace(path)
        except RuntimeError as error:  # torch reports a full disk as its own writer's failure
            part.unlink(missing_ok=True)
            raise OSError(first_line(error)) from error
