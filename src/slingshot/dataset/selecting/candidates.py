"""Which recordings qualify: one filter after the other, each counted, and what was wrong with the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from slingshot.dataset.near_duplicates import near_duplicates
from slingshot.dataset.normalize import code_tokens, normalized_code
from slingshot.dataset.selecting.recorded import conversation_of, recorded_messages
from slingshot.dataset.selecting.selection import Duplicates, Selection
from slingshot.dataset.selecting.strategies import in_order
from slingshot.dataset.shingles import shingles
from slingshot.errors import RequestError, suggest
from slingshot.judge import extract_code
from slingshot.recordings.files import ONE_SHOT
from slingshot.recordings.problems import Problem

LONGEST_ANSWER = 1_000_000
"""Characters; what is longer is no answer but an accident."""

CHAT_MARKS = r"<\|\w+\|>|</s>|<(start|end)_of_turn>|\[/?INST\]"
"""Marks that end or begin a turn in some chat template; a server that forgets to cut them leaves them in answers."""


@dataclass(frozen=True)
class Candidates:
    """The recordings that qualify so far.

    Attributes:
        frame: the columns of recordings; once they are `qualified` also `code`, what two answers are compared
            by, and `place`, a key for the order of files in a walk through the folders. Rows are in the
            strategy's order then.
        counts: how many rows each filter left, in the order in which they were applied.
        problems: recordings that would qualify but are broken, which no filter may hide.
        shingles: the token 3-grams of each `code`.
    """

    frame: pl.DataFrame
    counts: dict[str, int]
    problems: list[Problem]
    shingles: Mapping[str, frozenset[int]] = field(default_factory=dict)


def comparable(recordings: pl.DataFrame, selection: Selection, terms: Mapping[str, str]) -> Candidates:
    """What may be judged and chosen at all: all filters but those by score and of copies.

    Args:
        recordings: as `load_recordings` gives them.
        selection: which to keep.
        terms: for every model what its licence says about training, see `licence_of`.

    Raises:
        RequestError: the selection names a model or a prompt label that no recording has.
    """
    _check_names(selection, recordings)
    frame, counts = recordings, {"recordings": recordings.height}
    for name, kept in _filters(selection, terms):
        frame = frame.filter(kept)
        counts[name] = frame.height
    return Candidates(frame, counts, [])


def qualified(found: Candidates, selection: Selection) -> Candidates:
    """The candidates that score enough, whole and without copies, in the strategy's order."""
    frame, counts = found.frame.filter(pl.col("score").is_not_null()), dict(found.counts)
    counts["could be judged"] = frame.height
    frame = frame.filter(pl.col("score") >= selection.minimum_score)
    again = " (judged again)" if selection.rejudge else ""
    counts[f"score at least {selection.minimum_score:g}{again}"] = frame.height
    problems = {problem.path: problem for problem in _problems(frame)}
    if problems:
        broken = [str(path) for path in problems]
        frame = frame.filter(~pl.col("path").is_in(broken))
    counts["not broken"] = frame.height
    codes = {answer: normalized_code(extract_code(answer)) for answer in frame["answer"].unique()}
    if selection.drops_without_code:
        frame = frame.filter(pl.col("answer").is_in([answer for answer in codes if codes[answer]]))
        counts["with code"] = frame.height
    compared = {answer: code or " ".join(answer.split()) for answer, code in codes.items()}
    code = pl.col("answer").replace_strict(compared, return_dtype=pl.String)
    frame = in_order(frame.with_columns(code=code, place=_PLACE), selection.strategy, selection.prefer_models)
    sets = {code: shingles(code_tokens(code)) for code in frame["code"].unique()}
    for kind in selection.dropped_copies:
        frame = _without_copies(frame, kind, sets, selection.near)
        counts[_LEFT[kind]] = frame.height
    return Candidates(frame, counts, list(problems.values()), sets)


_LEFT = {"exact": "distinct answers", "code": "distinct code", "near": "no near-duplicates"}

# A walk lists a folder's files before its folders, each by name, so that `a` comes before `a-b`, whatever
# follows. As text: a folder's name is preceded by a character that comes after what precedes a file's, and both
# come before any that a name may hold.
_PLACE = pl.col("path").str.replace_all("/", "\x02", literal=True).str.replace(r"\x02([^\x02]*)$", "\x01${1}")


def _filters(selection: Selection, terms: Mapping[str, str]) -> Iterator[tuple[str, pl.Expr]]:
    """Filters that look at one recording alone: what those it leaves are called, and its condition."""
    model, tokens = pl.col("model"), pl.col("tokens_answer")
    yield "single questions", (pl.col("strategy") == ONE_SHOT) & (pl.col("experiment") == "")
    if selection.models:
        yield "models allowed", model.is_in(selection.models)
    if selection.exclude_models:
        yield "models not excluded", ~model.is_in(selection.exclude_models)
    if selection.licences:
        good = [name for name, term in terms.items() if term in selection.licences]
        yield f"terms on training: {' or '.join(selection.licences)}", model.is_in(good)
    if selection.prompt_labels:
        yield "prompt labels", pl.col("prompt_label").is_in(selection.prompt_labels)
    if selection.drops_cut_off:
        yield "not cut off", ~pl.col("finish_reason").fill_null("stop").is_in(["length", "max_tokens"])
    if selection.drops_chat_marks:
        yield "without chat marks", ~pl.col("answer").str.contains(CHAT_MARKS)
    # A count of 0 or less is an endpoint's way to say nothing; the card says how many there are.
    if selection.min_tokens:
        yield f"at least {selection.min_tokens} tokens", (tokens >= selection.min_tokens) | (tokens <= 0)
    if selection.max_tokens is not None:
        yield f"at most {selection.max_tokens} tokens", tokens <= selection.max_tokens


def _check_names(selection: Selection, recordings: pl.DataFrame) -> None:
    """A misspelt model would silently be preferred, allowed or excluded: nobody."""
    for key, column in (
        ("prefer_models", "model"), ("models", "model"), ("exclude_models", "model"), ("prompt_labels", "prompt_label"),
    ):  # fmt: skip
        known = set(recordings[column])
        for name in getattr(selection, key):
            if name not in known:
                option = key.replace("_", "-")
                raise RequestError(f"--{option}: no recordings of {name}{suggest(name, known)}")


def _problems(frame: pl.DataFrame) -> Iterator[Problem]:
    """What is wrong with recordings that would become rows."""
    same = dict[tuple[str, ...], str]()
    columns = ["path", "test_case", "model", "prompt_label", "timestamp", "answer"]
    for path, *identity, answer in frame.select(columns).sort("path").iter_rows():
        first = same.setdefault((*identity, answer), path)
        if first != path:
            yield Problem(Path(path), f"{path}: the same recording as {first}; keep one of them")
        elif len(answer) > LONGEST_ANSWER:
            size = f"{len(answer):,} characters"
            yield Problem(Path(path), f"{path}: an answer of {size}, more than {LONGEST_ANSWER:,}; remove it")
        elif isinstance(messages := recorded_messages(conversation_of(path)), Problem):
            yield Problem(Path(path), messages.sentence)


def _without_copies(
    frame: pl.DataFrame, kind: Duplicates, sets: Mapping[str, frozenset[int]], threshold: float
) -> pl.DataFrame:
    """The rows that are no copy, of one kind, of an earlier row of their test case."""
    if kind != "near":
        column = "answer" if kind == "exact" else "code"
        return frame.unique(["test_case", column], keep="first", maintain_order=True)
    first = list[str]()
    for _, group in frame.group_by("test_case", maintain_order=True):
        groups = near_duplicates([sets[code] for code in group["code"]], threshold)
        first += [path for place, path in enumerate(group["path"]) if groups[place] == place]
    return frame.filter(pl.col("path").is_in(first))
