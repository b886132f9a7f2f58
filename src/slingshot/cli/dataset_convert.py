"""`dataset convert`: a dataset from one of the field's formats to another, and what is lost on the way."""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from slingshot.cli.options import Format
from slingshot.errors import RequestError
from slingshot.progress import say

if TYPE_CHECKING:  # reading datasets takes a second to load
    from slingshot.dataset.formats import Lost, ReadDataset

DatasetFormat = Literal["sharegpt", "messages", "alpaca", "promptingtools", "huggingface"]
SHOWN = 10  # problems
_NEXT = {
    "sharegpt": "slingshot train CONFIG.yml --dataset {file} --base … --out adapter",
    "messages": "slingshot train CONFIG.yml --dataset {file} --base … --out adapter",
    "alpaca": "a trainer that reads `type: alpaca`; here, convert it to sharegpt or messages first",
    "promptingtools": "PromptingTools.load_conversation in Julia reads each file",
    "huggingface": "datasets.load_dataset({path!r}) in Python reads it",
}


def dataset_convert(
    dataset: Annotated[Path, typer.Argument(metavar="IN", help="a file, a dataset's folder, or recordings")],
    to: Annotated[DatasetFormat, typer.Option("--to", help="format to write")],
    out: Annotated[Path, typer.Option(help="folder to write, or a file ending in .jsonl or .json")],
    from_: Annotated[
        DatasetFormat | None, typer.Option("--from", help="format to read [default: recognised]")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first problem")] = False,
    output: Format = "table",
) -> None:
    """Write a dataset in another format; rows with problems are named and left out."""
    from slingshot.dataset.formats import read_dataset, write_dataset

    _refuse_same(dataset, out)
    read = read_dataset(dataset, from_, strict)
    say(f"Read {dataset} as {read.format}: {_counted(read.splits)}.")
    _say_problems(read)
    lost = write_dataset(read.splits, out, to, read.card)
    written = read_dataset(out, to).splits  # what counts is what a reader finds
    for loss in lost:
        say(f"Lost: {_loss(loss)}.")
    if read.left:
        say(f"Not read: {', '.join(read.left)}.")
    say(f"Wrote {out} as {to}: {_counted(written)}.")
    file = out if out.is_file() else out / "train.jsonl"
    say(f"Next: {_NEXT[to].format(path=str(out), file=shlex.quote(str(file)))}")
    if output == "json":
        print(json.dumps(_object(dataset, out, to, read, lost, written)))


def _refuse_same(dataset: Path, out: Path) -> None:
    """Refuse to write over what is read."""
    here, there = dataset.resolve(), out.resolve()
    if here == there or there in here.parents or (here in there.parents and here.is_dir()):
        raise RequestError(f"--out: {out} is, holds or lies in {dataset}, which is read; name another place")


def _say_problems(read: "ReadDataset") -> None:
    if not read.problems:
        return
    count = len(read.problems)
    say(f"{count} problem{'s' if count > 1 else ''}; what is named here is left out:")
    for problem in read.problems[:SHOWN]:
        say(f"  {problem.sentence}")
    if count > SHOWN:
        say(f"  and {count - SHOWN} more; --strict stops at the first, --format json lists all")


def _counted(splits: Mapping[str, Sequence[Any]]) -> str:
    """The rows of each split in words."""
    words = [f"{len(rows)} row{'s' if len(rows) != 1 else ''} of {split}" for split, rows in splits.items()]
    return ", ".join(words)


def _loss(loss: "Lost") -> str:
    rows = f"{loss.rows} row{'s' if loss.rows != 1 else ''}; " if loss.rows else ""
    return f"{loss.what} ({rows}{loss.example})"


def _object(
    dataset: Path,
    out: Path,
    to: str,
    read: "ReadDataset",
    lost: "Sequence[Lost]",
    written: Mapping[str, Sequence[Any]],
) -> dict[str, Any]:
    """What was done, for `--format json`."""
    return {
        "read": {"path": str(dataset), "format": read.format, "rows": _numbers(read.splits)},
        "problems": [{"path": str(problem.path), "sentence": problem.sentence} for problem in read.problems],
        "lost": [asdict(loss) for loss in lost],
        "not_read": list(read.left),
        "wrote": {"path": str(out), "format": to, "rows": _numbers(written)},
    }


def _numbers(splits: Mapping[str, Sequence[Any]]) -> dict[str, int]:
    return {split: len(rows) for split, rows in splits.items()}
