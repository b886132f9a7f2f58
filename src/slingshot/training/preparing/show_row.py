"""One encoded row as a person should see it: what is read, what is learned, and how it is packed."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.packing.trees import group_rows
from slingshot.training.preparing.preflight import Prepared
from slingshot.training.rows.encoding import EncodedRow

_READ, _LEARNED, _END = "dim", "bold green", "reverse green"
_OPEN, _CLOSE = "⟦", "⟧"  # seen without colours too, and rarer in code than [[ and ]]
# Control characters but tab and line feed.
_UNSEEN = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


def show_row(prepared: Prepared, number: int, config: TrainingConfig, ids: bool = False) -> Group:
    """A training row, counted from 1: a line of counts, a legend, its text with what is learned marked, its packing.

    Without colours the marks ⟦ ⟧ and ⟨ ⟩ remain. `ids` adds a table of all tokens.

    Raises:
        RequestError: there is no row of that number.
    """
    if not 1 <= number <= len(prepared.rows):
        raise RequestError(f"--show-row {number}: there are rows 1 to {len(prepared.rows)}; choose one")
    row, place = prepared.rows[number - 1], prepared.places[number - 1]
    share = row.supervised / len(row)
    counts = (
        f"Row {number} of {len(prepared.rows)}, {place}: {len(row)} tokens, {row.prompt_length} before the first "
        f"learned one, {row.supervised} learned ({share:.0%})"
    )
    legend = Text("Marked: ").append("read", _READ).append(", ").append(f"{_OPEN}learned{_CLOSE}", _LEARNED)
    legend.append(", ").append("⟨learned end of a turn⟩", _END)
    parts: list[Any] = [Text(counts), legend, Text(), marked(row, prepared.tokenizer, prepared.ends), Text()]
    parts.append(Text(_packing(prepared.rows, number - 1, config)))
    if ids:
        parts.append(_table(row, prepared.tokenizer))
    return Group(*parts)


def marked(row: EncodedRow, tokenizer: Any, ends: frozenset[int]) -> Text:
    """The row's text: learned stretches between ⟦ and ⟧, learned end tokens between ⟨ and ⟩, both coloured."""
    text = Text()
    for learned, tokens in _stretches(row):
        if not learned:
            text.append(_decoded(tokenizer, tokens), _READ)
            continue
        text.append(_OPEN, _LEARNED)
        for is_end, run in groupby(tokens, lambda token: token in ends):
            words = _decoded(tokenizer, list(run))
            text.append(f"⟨{words}⟩" if is_end else words, _END if is_end else _LEARNED)
        text.append(_CLOSE, _LEARNED)
    return text


def _stretches(row: EncodedRow) -> Iterator[tuple[bool, list[int]]]:
    """Neighbouring tokens of one label."""
    for label, pairs in groupby(zip(row.labels, row.tokens, strict=True), lambda pair: pair[0]):
        yield label, [token for _, token in pairs]


def _decoded(tokenizer: Any, tokens: list[int]) -> str:
    text = str(tokenizer.decode(tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False))
    return text.translate(_UNSEEN)


def _packing(rows: Sequence[EncodedRow], index: int, config: TrainingConfig) -> str:
    """How the row is laid beside others, in a sentence."""
    if config.packing == "none":
        return "Packing: none; the row is a sequence of its own."
    if config.packing == "plain":
        return "Packing: several rows in one sequence, each of which sees itself alone."
    row = rows[index]
    group = next(group for group in group_rows(rows, config.sequence_len) if any(one is row for one in group))
    if len(group) == 1:
        return "Packing: shared; no other row of its sequence has this prompt."
    together = row.prompt_length + sum(len(one.answer) for one in group)
    numbers = {id(one): number for number, one in enumerate(rows, 1)}
    others = ", ".join(str(numbers[id(one)]) for one in group if one is not row)
    return (
        f"Packing: shared; one sequence with rows {others}: the prompt once, {len(group)} answers as branches, "
        f"{together} tokens instead of {sum(map(len, group))}."
    )


def _table(row: EncodedRow, tokenizer: Any) -> Table:
    """Every token with its place, id and text."""
    table = Table("place", "id", "token", "learned", box=None)
    for place, (token, label) in enumerate(zip(row.tokens, row.labels, strict=True)):
        table.add_row(
            str(place), str(token), Text(repr(_decoded(tokenizer, [token]))), "yes" if label else ""
        )
    return table
