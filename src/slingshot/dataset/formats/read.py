"""Reading a dataset in any of the formats, which is recognised by what the files hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from slingshot.dataset.files import Row, checked_rows, shown
from slingshot.dataset.formats.folders import find_files
from slingshot.dataset.formats.parquet import parquet_records
from slingshot.dataset.formats.prompting_tools import read_conversation_row
from slingshot.dataset.formats.readme import Card, read_card
from slingshot.dataset.formats.shapes import SHAPES, read_object, shapes_of
from slingshot.dataset.json_files import Record, records, whole_value
from slingshot.errors import RequestError, SlingshotError, suggest
from slingshot.recordings.problems import Problem

FORMATS = ("sharegpt", "messages", "alpaca", "promptingtools", "huggingface")


@dataclass(frozen=True)
class ReadDataset:
    """What a dataset holds.

    Attributes:
        splits: the rows that can be learned from, by split: `train`, `validation`, `held_out` (what others call
            test), or another name that a Hugging Face folder gives.
        problems: what is wrong with rows that were left out, and with files; sentences begin with file and line.
        format: one of `FORMATS`.
        card: what the folder says of the dataset.
        left: names of what else lies in the folder.
    """

    splits: dict[str, list[Row]]
    problems: list[Problem]
    format: str
    card: Card = field(default_factory=Card)
    left: Sequence[str] = ()


def read_dataset(path: Path, format: str | None = None, strict: bool = False) -> ReadDataset:
    """Read a file or a folder.

    Args:
        path: a file of JSON lines, of one JSON array, or of Parquet; a folder with one for each split; a Hugging
            Face folder; a conversation of PromptingTools, or a folder of them, such as recordings.
        format: one of `FORMATS`; None to recognise it.
        strict: to raise at the first problem.

    Raises:
        RequestError: there is no dataset, its format is unknown or ambiguous, or a file may not be read.
        SlingshotError: something is wrong, and `strict`.
    """
    if format is not None and format not in FORMATS:
        raise RequestError(f"{format} is no format of datasets{suggest(format, FORMATS)}")
    card, problems = read_card(path) if path.is_dir() else (Card(), [])
    if strict and problems:
        raise SlingshotError(problems[0].sentence)
    files = find_files(path, card, None if format is None else format == "promptingtools")
    if files.kind == "conversations":
        shape = "promptingtools"
    elif format in (None, "huggingface"):
        shape = _recognised(path, [file for part in files.splits.values() for file in part])
    else:
        shape = str(format)
    splits: dict[str, list[Row]] = {}
    for split, part in files.splits.items():
        splits[split] = []
        for item in _rows(part, shape, path):
            if isinstance(item, Row):
                splits[split].append(item)
            elif strict:
                raise SlingshotError(item.sentence)
            else:
                problems.append(item)
    found = "huggingface" if "huggingface" in (format, files.kind) else shape
    return ReadDataset(splits, problems, found, card, files.left)


def _rows(files: Sequence[Path], shape: str, path: Path) -> Iterator[Row | Problem]:
    """The rows of a split's files; ids are told apart across them."""
    if shape == "promptingtools":
        folder = path if path.is_dir() else path.parent
        return checked_rows(map(whole_value, files), lambda record: read_conversation_row(record, folder))
    found = chain.from_iterable(map(_records, files))
    return checked_rows(found, lambda record: read_object(record.value, shape))


def _records(file: Path) -> Iterator[Record | Problem]:
    return parquet_records(file) if file.suffix == ".parquet" else records(file)


def _recognised(path: Path, files: Sequence[Path]) -> str:
    """The shape of the first row that has one.

    Raises:
        RequestError: none has, or one has several.
    """
    strange: Record | Problem | None = None
    for item in chain.from_iterable(map(_records, files)):
        if isinstance(item, Record) and (shapes := shapes_of(item.value)):
            if len(shapes) > 1:
                raise RequestError(
                    f"{item.place}: a row of several formats ({' and '.join(shapes)}); say which with --from"
                )
            return shapes[0]
        if isinstance(item, Record) and isinstance(item.value, dict) and "_type" in item.value:
            return "promptingtools"
        strange = strange or item
    if strange is None:
        raise RequestError(f"{path}: there is no row in it; name a dataset with rows")
    if isinstance(strange, Problem):
        raise RequestError(strange.sentence)
    found = shown(", ".join(strange.value)) if isinstance(strange.value, dict) else ""
    wanted = ", ".join(f"{' and '.join(keys)} ({shape})" for shape, keys in SHAPES.items())
    raise RequestError(
        f"{strange.place}: a row of no known format: it has {found or 'no keys'}, and not {wanted} or a list of"
        " messages with _type (promptingtools); rename its keys"
    )
