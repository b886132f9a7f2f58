"""Writing a dataset in any of the formats, and saying what the format cannot hold."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.dataset.files import Row
from slingshot.dataset.formats.folders import ON_HUGGING_FACE, SPLITS
from slingshot.dataset.formats.prompting_tools import write_conversation_row
from slingshot.dataset.formats.read import FORMATS
from slingshot.dataset.formats.readme import CARD_FILE, README, Card, card_text, hugging_face_text
from slingshot.dataset.formats.shapes import write_object
from slingshot.dataset.json_files import json_line
from slingshot.errors import RequestError, SlingshotError, suggest
from slingshot.files import write_json, write_text
from slingshot.folders import remove_folder, whole_folder

_NOT_UNICODE = re.compile("[\ud800-\udfff]")
_HALF = "half characters, which become U+FFFD"
_ROWS = r"(?:train|validation|held_out)(?:\.jsonl|/conversation-\d+\.json)|data/[\w.]+\.jsonl"
# All that lies in a folder that may be written anew.
_OURS = re.compile(rf"README\.md|dataset\.json|sources\.jsonl|overlap\.json|(?P<rows>{_ROWS})")
_SPLIT = re.compile(r"\w+(?:\.\w+)*")


@dataclass(frozen=True)
class Lost:
    """What a format could not hold.

    Attributes:
        what: in the plural.
        rows: how many rows it concerns; 0 of what is no row's.
        example: where, and what was there.
    """

    what: str
    rows: int
    example: str


def write_dataset(
    splits: Mapping[str, Sequence[Row]], out: Path, format: str, card: Card | None = None
) -> list[Lost]:
    """Write rows as a file or a folder, whole or not at all.

    A name that ends in `.jsonl` becomes a file of JSON lines, one in `.json` one JSON array (in the format
    `promptingtools` one conversation), and any other a folder: of a file for each split, or for each
    conversation. In a Hugging Face folder rows have the shape `messages`, and `held_out` is called `test`.

    Args:
        splits: the rows by split.
        out: the file or folder; a dataset's folder that is there already is replaced.
        format: one of `FORMATS`.
        card: what is said of the dataset, for a folder's README.md.

    Raises:
        RequestError: the format is unknown, a file cannot hold so much, or the folder holds something else.
        SlingshotError: the format can hold no row, or the disk is full.
    """
    if format not in FORMATS:
        raise RequestError(f"{format} is no format of datasets{suggest(format, FORMATS)}")
    card, is_file = card or Card(), format != "huggingface" and out.suffix in (".jsonl", ".json")
    if is_file:
        _check_file(splits, out, format)
    else:
        _check_folder(splits, out, format)
    tally = _Tally()
    written = {split: list(_values(rows, split, format, tally)) for split, rows in splits.items()}
    if not any(written.values()):
        raise SlingshotError(f"{out}: there is no row that {format} can hold; nothing was written")
    if is_file:
        _write_file([value for values in written.values() for value in values], out, format)
        return tally.lost() + _lost_of_dataset(written, card, "a file")
    with whole_folder(out) as folder:
        if format == "huggingface":
            _write_hugging_face(splits, written, folder, out.name, card)
        else:
            _write_splits(written, folder, format, card)
        remove_folder(out)
    return tally.lost() + _lost_of_dataset(written, card, format)


class _Tally:
    """What is lost, counted by rows, with the first example of each kind."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def add(self, what: str, example: str) -> None:
        self._rows[what] += 1
        self._examples.setdefault(what, example)

    def lost(self) -> list[Lost]:
        """All that is lost of rows."""
        return [Lost(what, rows, self._examples[what]) for what, rows in self._rows.items()]


def _lost_of_dataset(written: Mapping[str, Sequence[Any]], card: Card, form: str) -> list[Lost]:
    """What is lost beside rows in a form of dataset: a format's folder, or `a file`."""
    lost = []
    empty = [split for split, values in written.items() if not values]
    if empty and form in ("a file", "promptingtools", "huggingface"):
        lost.append(Lost("splits without rows", 0, ", ".join(empty)))
    if (card.head or card.text) and form == "a file":
        lost.append(Lost(f"what {README} says", 0, README))
    if card.facts and form != "huggingface":  # it has the hashes of the files it was built with
        lost.append(Lost(f"what {CARD_FILE} says", 0, CARD_FILE))
    return lost


def _values(rows: Sequence[Row], split: str, format: str, tally: _Tally) -> Iterator[Any]:
    """The JSON values of rows, but for those that the format cannot hold."""
    for number, row in enumerate(rows, 1):
        if format == "promptingtools":
            value, lost = write_conversation_row(row)
        else:
            value, lost = write_object(row, "messages" if format == "huggingface" else format)
        text = json.dumps(value, ensure_ascii=False) if format == "huggingface" else ""
        if half := _NOT_UNICODE.search(text):
            value, lost = (
                json.loads(_NOT_UNICODE.sub("\ufffd", text)),
                {**lost, _HALF: f"U+{ord(half[0]):04X}"},
            )
        for what, example in lost.items():
            tally.add(what, f"{split} row {number}: {example}")
        if value is not None:
            yield value


def _check_file(splits: Mapping[str, Sequence[Row]], out: Path, format: str) -> None:
    """Refuse what one file cannot hold."""
    if out.is_dir():
        raise RequestError(f"{out}: there is a folder of this name; name another file")
    full = [split for split, rows in splits.items() if rows]
    if len(full) > 1:
        raise RequestError(
            f"{out}: one file cannot hold {len(full)} splits ({', '.join(full)}); name a folder"
        )
    if format == "promptingtools" and (out.suffix != ".json" or sum(map(len, splits.values())) > 1):
        raise RequestError(f"{out}: a file of promptingtools is one conversation in .json; name a folder")


def _check_folder(splits: Mapping[str, Sequence[Row]], out: Path, format: str) -> None:
    """Refuse to replace what is no dataset's folder, and splits that could not be read again."""
    if format == "huggingface" and (
        both := [on for of, on in ON_HUGGING_FACE.items() if {of, on} <= splits.keys()]
    ):
        raise RequestError(f"{out}: two splits would be called {both[0]}; make one of them")
    for split in splits:
        if format != "huggingface" and split not in SPLITS:
            raise RequestError(
                f"{out}: the split {split} is none of {', '.join(SPLITS)}; only huggingface holds others"
            )
        if not _SPLIT.fullmatch(split):
            raise RequestError(f"{out}: a split cannot be called {split!r}; use letters, digits and _")
    if not out.exists():
        return
    if not out.is_dir():
        raise RequestError(f"{out}: there is a file of this name; name a folder")
    found = [path.relative_to(out).as_posix() for path in sorted(out.rglob("*")) if not path.is_dir()]
    matches = {name: _OURS.fullmatch(name) for name in found}
    strange = [name for name, match in matches.items() if match is None]
    if strange or (found and not any(match["rows"] for match in matches.values() if match)):
        raise RequestError(
            f"{out}: the folder is not empty and holds {(strange or found)[0]}, as no dataset does; name another"
        )


def _write_file(values: Sequence[Any], out: Path, format: str) -> None:
    if format == "promptingtools":
        write_text(out, json_line(values[0]) + "\n")
    elif out.suffix == ".json":
        write_text(out, "[\n" + ",\n".join(map(json_line, values)) + "\n]\n")
    else:
        write_text(out, _lines(values))


def _write_splits(written: Mapping[str, Sequence[Any]], folder: Path, format: str, card: Card) -> None:
    for split, values in written.items():
        if format != "promptingtools":
            write_text(folder / f"{split}.jsonl", _lines(values))
            continue
        (folder / split).mkdir()
        for number, value in enumerate(values, 1):
            path = folder / split / f"conversation-{number:0{len(str(len(values)))}}.json"
            path.write_bytes(f"{json_line(value)}\n".encode())  # nobody sees the folder before it is whole
    if text := card_text(card):
        write_text(folder / README, text)


def _write_hugging_face(
    splits: Mapping[str, Sequence[Row]],
    written: Mapping[str, Sequence[Any]],
    folder: Path,
    name: str,
    card: Card,
) -> None:
    files = dict[str, str]()
    for split, values in written.items():
        if values:  # a loader takes a file without rows for a broken one
            called = ON_HUGGING_FACE.get(split, split)
            files[called] = f"data/{called}.jsonl"
            write_text(folder / files[called], _lines(values))
    write_text(folder / README, hugging_face_text(card, files, splits, written, name))
    if card.facts:
        write_json(folder / CARD_FILE, card.facts)


def _lines(values: Sequence[Any]) -> str:
    return "".join(json_line(value) + "\n" for value in values)
