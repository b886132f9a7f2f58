"""JSON files as the field writes them: one value a line, or all in one array; and what is broken in them."""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from slingshot.errors import RequestError
from slingshot.recordings.problems import Problem

_SPACE = re.compile(r"[ \t\n\r]*")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of bytes that are no UTF-8


class Record(NamedTuple):
    """A value in a file, and the number of its line there; in an array, whose lines hold several, that of its row."""

    path: Path
    line: int
    value: Any
    row: int | None = None

    @property
    def place(self) -> str:
        """Where it is."""
        return f"{self.path}:{self.line}" + (f", row {self.row}" if self.row else "")

    def problem(self, fault: str) -> Problem:
        """What is wrong with it, and what to do unless the fault says it."""
        remedy = "" if ";" in fault else "; mend or remove the row"
        return Problem(self.path, f"{self.place}: {fault}{remedy}")


def records(path: Path) -> Iterator[Record | Problem]:
    """The values in a file that holds one a line, or all of them in one JSON array; and what is broken.

    Raises:
        RequestError: the file is missing or may not be read.
    """
    text, damaged = _text(path)
    if text is None:
        yield Problem(path, f"{path}:1: the file is UTF-16; save it as UTF-8")
        return
    start = _end_of_space(text, 0)
    pieces = _in_array(path, text, start) if text[start : start + 1] == "[" else _in_lines(path, text)
    for raw, item in pieces:
        if damaged and isinstance(item, Record) and (wrong := _NOT_UTF8.search(raw)):
            yield _not_utf8(path, item.line, raw, wrong.start())
        else:
            yield item


def whole_value(path: Path) -> Record | Problem:
    """The one JSON value that a file holds.

    Raises:
        RequestError: the file is missing or may not be read.
    """
    text, damaged = _text(path)
    if text is None:
        return Problem(path, f"{path}:1: the file is UTF-16; save it as UTF-8")
    if damaged and (wrong := _NOT_UTF8.search(text)):
        return _not_utf8(path, 1, text, wrong.start())
    try:
        return Record(path, 1, _DECODER.decode(text))
    except (ValueError, RecursionError) as error:
        return Problem(path, f"{path}:1: not JSON ({error}); mend or remove the file")


def _text(path: Path) -> tuple[str | None, bool]:
    """A file's text, and whether some of it is no UTF-8; no text if it is UTF-16."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise RequestError(
            f"{path}: there is no such file; build it with `slingshot dataset build`"
        ) from None
    except OSError as error:
        raise RequestError(f"{path}: could not be read: {error.strerror}; name a file that can") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None, True
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        return content.decode(errors="surrogateescape"), True


def _in_lines(path: Path, text: str) -> Iterator[tuple[str, Record | Problem]]:
    """The values of a file with one a line, each after its text. Only a line feed ends a line: JSON may hold U+2028 and its like."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip(" \t\r"):
            continue
        item: Record | Problem
        try:
            item = Record(path, number, _DECODER.decode(line))
        except (ValueError, RecursionError) as error:
            cut = number == len(lines) and line.lstrip().startswith("{") and not line.endswith("}")
            fault = "the last line is cut short" if cut else "not JSON"
            item = Problem(path, f"{path}:{number}: {fault} ({error}); mend or remove the row")
        yield line, item


def _in_array(path: Path, text: str, start: int) -> Iterator[tuple[str, Record | Problem]]:
    """The values of an array that begins at `start`, each after its text; after one that is no JSON there is no more."""
    line, counted, row = 1, 0, 0
    position = _end_of_space(text, start + 1)
    while text[position : position + 1] != "]":
        line, counted, row = line + text.count("\n", counted, position), position, row + 1
        try:
            value, end = _DECODER.raw_decode(text, position)
            yield text[position:end], Record(path, line, value, row)
            position = _end_of_space(text, end)
            if text[position : position + 1] == ",":
                position = _end_of_space(text, position + 1)
            elif text[position : position + 1] != "]":
                raise ValueError("a comma or ] is missing after it")
        except (ValueError, RecursionError) as error:
            fault = "not JSON" if text.rstrip().endswith("]") else "the array is cut short"
            place = f"{path}:{line}, row {row}"
            yield "", Problem(path, f"{place}: {fault} ({error}); mend it: what follows was not read")
            return
    if _end_of_space(text, position + 1) < len(text):
        line += text.count("\n", counted, _end_of_space(text, position + 1))
        yield "", Problem(path, f"{path}:{line}: something follows the array; remove it")


def _end_of_space(text: str, position: int) -> int:
    """The position of the first character from `position` on that is no white space of JSON."""
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _not_utf8(path: Path, line: int, raw: str, position: int) -> Problem:
    """The first byte of a row that is no UTF-8: its line and its place in it, counted from 1."""
    line += raw.count("\n", 0, position)
    before = raw[raw.rfind("\n", 0, position) + 1 : position].encode(errors="surrogateescape")
    byte = ord(raw[position]) - 0xDC00
    where = f"byte {len(before) + 1} of the line" if before else "the first byte of the line"
    return Problem(
        path, f"{path}:{line}: not UTF-8 (0x{byte:02x}, {where}); save the file as UTF-8, or remove the row"
    )


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _number(text: str) -> float:
    """A number, unless it is too large to be written again."""
    if (value := float(text)) in (float("inf"), float("-inf")):
        _no_number(text)
    return value


def json_line(value: Any) -> str:
    """A value as one line of JSON in UTF-8; half a character is written as JSON writes it, with its number."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.encode(errors="backslashreplace").decode()


_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_number)
