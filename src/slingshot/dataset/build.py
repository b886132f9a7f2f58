"""From recordings to a dataset: filters, splits, the strategy's choice, the overlap, and the card that tells it all.

    recordings -> comparable -> (judged again) -> qualified -> split -> not straddling -> chosen -> files

The same recordings and the same selection give the same bytes.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from slingshot.dataset.card import (
    CARD_FILE,
    OVERLAP_FILE,
    SOURCES_FILE,
    Choice,
    hash_of_recordings,
    make_card,
    readme,
)
from slingshot.dataset.files import Row
from slingshot.dataset.licences import Licence, licence_of
from slingshot.dataset.overlap.report import OverlapReport, measure_overlap, rows_without_overlap
from slingshot.dataset.overlap.unseen import unseen_targets
from slingshot.dataset.selecting.candidates import Candidates, comparable, qualified
from slingshot.dataset.selecting.recorded import conversation_of, recorded_messages, recorded_row
from slingshot.dataset.selecting.rejudge import rejudged
from slingshot.dataset.selecting.selection import Selection
from slingshot.dataset.selecting.splits import (
    HELD_OUT,
    SPLITS,
    TRAIN,
    Split,
    checked_split,
    straddling,
    twins,
)
from slingshot.dataset.selecting.strategies import choose
from slingshot.errors import SlingshotError
from slingshot.files import write_json, write_text
from slingshot.judge import Judge
from slingshot.recordings.packed import file_content
from slingshot.recordings.problems import Problem
from slingshot.suite import TestCase

FOLDS_FOLDER = "folds"
REJUDGED_FILE = "rejudged.jsonl"


@dataclass(frozen=True)
class Given:
    """What a dataset is built from, beside the recordings.

    Attributes:
        suite: definitions of the test cases, as far as there are any: their unit tests and reference solutions
            must not turn up in training rows, and judging again needs them.
        benchmarks: test cases of other suites that must stay unseen.
        folders: where the recordings lie, for the card.
        problems: what was wrong with recordings that could not be read.
        waiting: how many answers are not judged yet.
        command: what makes the dataset again, for the card.
        strict: allow no broken recording.
        licences: a table of terms that goes before the bundled one, see `licence_of`.
    """

    suite: Sequence[TestCase] = ()
    benchmarks: Sequence[TestCase] = ()
    folders: Sequence[Path] = ()
    problems: Sequence[Problem] = ()
    waiting: int = 0
    command: str = ""
    strict: bool = False
    licences: Sequence[Licence] = ()


@dataclass(frozen=True)
class Rejudging:
    """How answers are judged again: by whom, how many at once, whom to tell of progress, and where findings are kept.

    Findings are kept beside the dataset unless `store` names another file.
    """

    by: Judge
    jobs: int | None = None
    on_judged: Callable[[int, int], None] = lambda done, total: None
    store: Path | None = None


@dataclass(frozen=True)
class Built:
    """A dataset that was written.

    Attributes:
        out: its folder.
        splits: the rows by split, train first.
        card: the content of its `dataset.json`.
        overlap: what its training rows share with test cases that must stay unseen.
        problems: recordings that are not in it because they are broken.
    """

    out: Path
    splits: dict[str, list[Row]]
    card: dict[str, Any]
    overlap: OverlapReport
    problems: list[Problem]

    @property
    def rows(self) -> list[Row]:
        """The training rows."""
        return self.splits[TRAIN]


def build_dataset(
    recordings: pl.DataFrame,
    out: Path,
    selection: Selection | None = None,
    hold_out: Sequence[str] = (),
    given: Given | None = None,
    rejudging: Rejudging | None = None,
) -> Built:
    """Choose rows from recordings and write `train.jsonl`, the other splits, and the card.

    Raises:
        RequestError: a test case, model or prompt label is named that no recording has.
        SlingshotError: nothing qualifies for training.
    """
    selection, given = selection or Selection(), given or Given()
    split = checked_split(hold_out, selection.validation, _names(recordings, given))
    prepared = _prepare(
        recordings, out, selection, given, rejudging, with_twins=bool(hold_out or split.validation)
    )
    return _write(prepared, split, out)


def build_folds(
    recordings: pl.DataFrame,
    out: Path,
    selection: Selection | None = None,
    hold_out: Sequence[str] = (),
    given: Given | None = None,
    rejudging: Rejudging | None = None,
) -> Iterator[Built]:
    """Write one dataset for each test case that is not held out anyway, leaving it out: `out/folds/NAME`.

    Raises:
        RequestError, SlingshotError: as `build_dataset`.
    """
    selection, given = selection or Selection(), given or Given()
    names = _names(recordings, given)
    checked_split(hold_out, selection.validation, names)
    prepared = _prepare(recordings, out, selection, given, rejudging, with_twins=True)
    for name in sorted(set(recordings["test_case"]) - set(hold_out)):
        validation = [other for other in selection.validation if other != name]
        yield _write(prepared, checked_split([*hold_out, name], validation, names), out / FOLDS_FOLDER / name)


def _names(recordings: pl.DataFrame, given: Given) -> set[str]:
    """The test cases there are: a held-out one need not have been answered."""
    return {*recordings["test_case"], *(case.name for case in given.suite)}


@dataclass(frozen=True)
class _Prepared:
    """What all folds share."""

    recordings: pl.DataFrame
    selection: Selection
    given: Given
    candidates: Candidates
    licences: dict[str, Licence]
    others: list[set[str]] = field(default_factory=list)


def _prepare(
    recordings: pl.DataFrame,
    out: Path,
    selection: Selection,
    given: Given,
    rejudging: Rejudging | None,
    with_twins: bool,
) -> _Prepared:
    licences = {model: licence_of(model, given.licences) for model in recordings["model"].unique().sort()}
    found = comparable(recordings, selection, {model: lic.training for model, lic in licences.items()})
    if rejudging:
        store, by = rejudging.store or out / REJUDGED_FILE, rejudging.by
        frame = rejudged(found.frame, given.suite, by, store, rejudging.jobs, rejudging.on_judged)
        found = replace(found, frame=frame)
    found = qualified(found, selection)
    if given.strict and found.problems:
        count = f" ({len(found.problems)} such recordings in all)" if len(found.problems) > 1 else ""
        raise SlingshotError(f"{found.problems[0].sentence}{count}")
    others = twins(found.frame, recordings, found.shingles, selection.near) if with_twins else []
    return _Prepared(recordings, selection, given, found, licences, others or [set()] * found.frame.height)


def _write(prepared: _Prepared, split: Split, out: Path) -> Built:
    """Choose the rows of each split and write all files, the card last."""
    selection, given, counts = prepared.selection, prepared.given, dict(prepared.candidates.counts)
    chosen = _choose(prepared, split, counts)
    splits = {name: _rows(frame, prepared) for name, frame in chosen.items()}
    targets = unseen_targets(
        split.hold_out, prepared.recordings, chosen[HELD_OUT], given.suite, given.benchmarks
    )
    report = measure_overlap(splits[TRAIN], out / f"{TRAIN}.jsonl", targets, held_out=split.hold_out)
    if selection.drop_overlap:
        kept = {id(row) for row in rows_without_overlap(splits[TRAIN], report)}
        chosen[TRAIN] = chosen[TRAIN].filter([id(row) in kept for row in splits[TRAIN]])
        splits[TRAIN] = [row for row in splits[TRAIN] if id(row) in kept]
        counts["without overlap"] = len(splits[TRAIN])
        report = measure_overlap(splits[TRAIN], out / f"{TRAIN}.jsonl", targets, held_out=split.hold_out)
    if not splits[TRAIN]:
        left = ", ".join(f"{name} {count}" for name, count in counts.items())
        where = ", ".join(map(str, given.folders)) or "the recordings"
        raise SlingshotError(f"{where}: no recording qualifies; rows left by each filter: {left}")
    texts = {name: "".join(row.to_json() + "\n" for row in rows) for name, rows in splits.items() if rows}
    problems = [*given.problems, *prepared.candidates.problems]
    for name in SPLITS:
        (out / f"{name}.jsonl").unlink(missing_ok=True)  # of an earlier selection
    for name, text in texts.items():
        write_text(out / f"{name}.jsonl", text)
    sources = {
        "folders": [str(folder) for folder in given.folders],
        "recordings": prepared.recordings.height,
        "sha256": hash_of_recordings(prepared.recordings),
        "not_judged": given.waiting,
        "broken": len(problems),
    }
    terms = {model: licence.training for model, licence in prepared.licences.items()}
    choice = Choice(splits, chosen, texts, split, counts, report)
    card = make_card(choice, selection, sources, terms, given.command)
    _write_sources(chosen, out)
    write_json(out / OVERLAP_FILE, report.to_json())
    write_text(out / "README.md", readme(card, out.absolute().name))
    write_json(out / CARD_FILE, card)
    return Built(out, splits, card, report, problems)


def _choose(prepared: _Prepared, split: Split, counts: dict[str, int]) -> dict[str, pl.DataFrame]:
    """The chosen candidates of each split; what training lost on the way goes into the counts."""
    selection, found = prepared.selection, prepared.candidates
    where = [split.of(name) for name in found.frame["test_case"]]
    frame = found.frame.with_columns(
        split=pl.Series(where, dtype=pl.String),
        straddling=pl.Series(straddling(found.frame, prepared.others, split), dtype=pl.Boolean),
    )
    training = frame.filter(pl.col("split") == TRAIN)
    counts["to train on"] = training.height
    counts["in no other split"] = training.filter(~pl.col("straddling")).height
    chosen = {}
    for name in SPLITS:
        own = frame.filter((pl.col("split") == name) & ~pl.col("straddling"))
        if selection.per_prompt:
            number = pl.int_range(pl.len()).over("test_case", "prompt_label")
            own = own.filter(number < selection.per_prompt)
        chosen[name] = choose(own, selection.strategy, selection.per_task, found.shingles)
    counts["chosen"] = chosen[TRAIN].height
    return chosen


def _rows(chosen: pl.DataFrame, prepared: _Prepared) -> list[Row]:
    rows = []
    for recording in chosen.iter_rows(named=True):
        messages = recorded_messages(conversation_of(recording["path"]))
        if isinstance(messages, Problem):  # written to since it was checked
            raise SlingshotError(messages.sentence)
        rows.append(recorded_row(messages, recording, prepared.licences[recording["model"]].name))
    return rows


def _write_sources(chosen: dict[str, pl.DataFrame], out: Path) -> None:
    """A line for each row of each split: the recording it is, and the hash of its conversation's file."""
    lines = []
    for name in SPLITS:
        for number, path in enumerate(chosen[name]["path"], 1):
            conversation = conversation_of(path)
            source = {"file": f"{name}.jsonl", "row": number, "conversation": str(conversation)}
            digest = hashlib.sha256(file_content(conversation)).hexdigest()
            lines.append(json.dumps({**source, "sha256": digest}, ensure_ascii=False))
    write_text(out / SOURCES_FILE, "".join(line + "\n" for line in lines))


__all__ = ["HELD_OUT", "Built", "Given", "Rejudging", "build_dataset", "build_folds"]
