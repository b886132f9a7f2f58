"""The page's answers: what was asked, what came back, what failed, and the training row that is nearest."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slingshot.dataset import Row
from slingshot.errors import SlingshotError
from slingshot.judge import Evaluation, failing_item
from slingshot.recordings.files import conversation_from
from slingshot.recordings.packed import file_content
from slingshot.suite import TestCase
from slingshot.verdict.contract import TRAINING_SPLITS, Folds, ModelVerdict, Split, TaskScore, Verdict
from slingshot.verdict.folds import Fold
from slingshot.verdict.memorization import NGRAM
from slingshot.verdict.page.chosen import SHOWN, Chosen, Group
from slingshot.verdict.page.html import folded, note, split_name, text
from slingshot.verdict.page.nearest import Marks, Nearest, nearest_rows
from slingshot.verdict.wording import count_of, percent, points

LONGEST = 6000
"""Characters of a text that are shown; what a model repeats without end is not worth more."""
_SPLITS: tuple[Split | None, ...] = (*TRAINING_SPLITS, None)


@dataclass(frozen=True)
class Sources:
    """What lies behind a verdict besides the recordings, for the page; all of it may be missing.

    Attributes:
        training: the rows trained on, which answers are shown beside.
        definitions: of the test cases, for the code of examples and unit tests that failed.
        folds: trainings that left a test case out, for their answers.
    """

    training: Sequence[Row] = ()
    definitions: Sequence[TestCase] = ()
    folds: Sequence[Fold] = ()


class Asked:
    """The messages sent, each set of them once, with the place where it stands."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}
        self._pieces: list[tuple[str, str]] = []

    def place(self, row: Mapping[str, Any]) -> str:
        """Where the messages that an answer replies to stand; they are read from its recording the first time."""
        key = row["prompt_hash"] or row["prompt"]
        if not key:
            return ""
        if key not in self._places:
            self._places[key] = f"q{len(self._places)}"
            content = "\n".join(
                f'<p class="role">{text(message["role"])}</p>\n{_pre(message["content"])}'
                for message in _messages(row)
            )
            title = f"{row['test_case']}, {row['prompt_label']}"
            self._pieces.append((title, folded(title, content, self._places[key])))
        return self._places[key]

    def section(self) -> str:
        """All of them, folded, those of a test case together."""
        pieces = "\n".join(piece for _, piece in sorted(self._pieces))
        return folded(f"What was asked: {count_of(len(self._pieces), 'prompt')}", pieces) if pieces else ""


def answers_section(verdict: Verdict, chosen: Chosen, sources: Sources) -> str:
    """The chosen answers, folded by model, split and test case, and all that was asked."""
    learners = {model.name for model in verdict.models if model.kind != "recorded"}
    mine = [
        row["answer"]
        for (model, _), group in chosen.by_test_case.items()
        if model in learners
        for row in group.rows
    ]
    nearest = nearest_rows(mine, sources.training)
    shown = _Shown(chosen, {case.name: case for case in sources.definitions}, nearest, Asked())
    alone = replace(shown, nearest={})
    models = [
        (shown if model.name in learners else alone).model(model)
        for model in verdict.models
        if chosen.model(model.name)
    ]
    if verdict.folds and chosen.by_fold:
        models.append(shown.folds(verdict.folds, sources.folds))
    return note(_said(sources, bool(learners))) + "\n".join(models) + f"\n{shown.asked.section()}"


def _said(sources: Sources, learners: bool) -> str:
    """What the reader has to know of the answers."""
    words = (
        f"Of each model and test case at most {SHOWN} answers, and the same for each prompt label: those with the lowest, the "
        "median and the highest score. What is folded is not printed."
    )
    if not learners:
        return words
    if not sources.training:
        return words + " The training rows are not known, so no answer stands beside one."
    return (
        words
        + " Beside an answer stands the training row that it has most in common with, but for recorded models, which "
        f"may have written it. Marked is what the two share in runs of {NGRAM} tokens and more, which count as copied, or else "
        "the longest run in common."
    )


@dataclass(frozen=True)
class _Shown:
    """What is needed to show an answer."""

    chosen: Chosen
    cases: Mapping[str, TestCase]
    nearest: Mapping[str, Nearest]
    asked: Asked

    def model(self, model: ModelVerdict) -> str:
        """All answers of a model that are shown: split by split, and listed by prompt label."""
        groups = {name: group for (of, name), group in self.chosen.by_test_case.items() if of == model.name}
        parts = []
        for split in _SPLITS:
            own = sorted(name for name in groups if _split_of(model, name) == split)
            if own:
                parts.append(self._of_split(model, split, {name: groups[name] for name in own}))
        parts += [
            folded(f"{label}: {count_of(group.count, 'answer')}", _listed(group, self.chosen), place)
            for (of, label), group in sorted(self.chosen.by_label.items())
            if of == model.name and (place := self.chosen.label(of, label))
        ]
        count = sum(group.count for group in groups.values())
        summary = f"{model.name} ({model.kind}): {count_of(count, 'answer')} to {count_of(len(groups), 'test case')}"
        return folded(summary, "\n".join(parts), self.chosen.model(model.name))

    def _of_split(self, model: ModelVerdict, split: Split | None, groups: Mapping[str, Group]) -> str:
        """A model's answers to the test cases of a split."""
        content = "\n".join(
            self.group(name, model.per_task.get(name), group, self.chosen.test_case(model.name, name))
            for name, group in groups.items()
        )
        name = split_name(split) if split else "in no split"
        score = model.scores.get(split) if split else None
        found = (
            f", score {points(score.mean, score.low, score.high)}, {percent(score.solved)} solved"
            if score
            else ""
        )
        place = self.chosen.split(model.name, split) if split else ""
        return folded(f"{name}: {count_of(len(groups), 'test case')}{found}", content, place)

    def folds(self, folds: Folds, trained: Sequence[Fold]) -> str:
        """The answers of the models that were trained without a test case, beside rows of their own trainings."""
        learned = {fold.test_case: fold.training_answers for fold in trained}
        parts = []
        for name, group in self.chosen.by_fold.items():
            rows = [Row([{"role": "assistant", "content": answer}]) for answer in learned[name]]
            own = replace(self, nearest=nearest_rows((row["answer"] for row in group.rows), rows))
            fold, place = folds.per_task.get(name), self.chosen.fold(name)
            parts.append(own.group(name, fold.tuned if fold else None, group, place))
        summary = f"Trained without the test case: answers to {count_of(len(parts), 'test case')}"
        return folded(summary, "\n".join(parts))

    def group(self, name: str, task: TaskScore | None, group: Group, place: str) -> str:
        """A model's answers to a test case."""
        found = (
            f"score {task.mean:.1f}, {percent(task.solved)} of {count_of(task.samples, 'answer')} solved, "
            f"{task.distinct_samples} distinct"
            if task
            else f"{count_of(group.count, 'answer')}, none could be judged"
        )
        content = note(_shown_in_words(group)) + "\n".join(self._answer(row) for row in group.rows)
        return folded(f"{name}: {found}", content, place)

    def _answer(self, row: Mapping[str, Any]) -> str:
        """One answer with what judging found, beside the nearest training row."""
        asked, label = self.asked.place(row), text(row["prompt_label"])
        found = [
            f"<strong>{_score(row)}</strong>",
            f'asked <a href="#{asked}">{label}</a>' if asked else label,
            *map(text, _found(row)),
        ]
        near = self.nearest.get(row["answer"])
        columns = [_column("Answer", "", *(near.answer if near else (row["answer"], ())))]
        if near:
            columns.append(_column("Nearest training row", _near_in_words(near), *near.learned))
        return (
            f'<article id="{self.chosen.answer(row["number"])}" tabindex="-1">\n<p>{" · ".join(found)}</p>\n'
            f'{self._failed(row)}<div class="beside">\n{"".join(columns)}</div>\n</article>'
        )

    def _failed(self, row: Mapping[str, Any]) -> str:
        """The example or unit test that failed and the error's message; empty where neither is known."""
        detail = row["detail"] or ""
        item, code = _item(row, self.cases.get(row["test_case"]), detail)
        pieces = f"<p>{text(item.capitalize())} failed:</p>\n{_pre(code)}\n" if item else ""
        message = detail.removeprefix(item).lstrip(": ")[:LONGEST] if item else detail[:LONGEST]
        return pieces + (f"<p>{text(message)}</p>\n" if message else "")


def _split_of(model: ModelVerdict, test_case: str) -> Split | None:
    task = model.per_task.get(test_case)
    return task.split if task else None


def _item(row: Mapping[str, Any], case: TestCase | None, detail: str) -> tuple[str, str]:
    """What failed and its code, if it is sure that the answer was judged by this definition."""
    judged = (row["version_prompt"], row["unit_tests_count"], row["examples_count"])
    if not case or (case.version, len(case.unit_tests), len(case.examples)) != judged:
        return "", ""
    counts = (
        row["unit_tests_passed"],
        row["unit_tests_count"],
        row["examples_executed"],
        row["examples_count"],
    )
    return failing_item(case, Evaluation(row["parsed"], row["executed"], *counts, detail=detail))


def _score(row: Mapping[str, Any]) -> str:
    return "not judged" if row["score"] is None else f"score {row['score']:.1f}"


def _found(row: Mapping[str, Any]) -> list[str]:
    """What judging found besides the score; nothing that is unknown."""
    found = []
    if row["parsed"] is not None:
        found.append("parsed" if row["parsed"] else "not parsed")
        found.append("ran" if row["executed"] else "did not run")
    for passed, count, what in (
        ("unit_tests_passed", "unit_tests_count", "unit tests passed"),
        ("examples_executed", "examples_count", "examples ran"),
    ):
        if row[count] is not None:
            found.append(f"{row[passed]} of {row[count]} {what}")
    found += [row["failure"]] if row["failure"] else []
    found += ["cut off by the token limit"] if row["finish_reason"] in ("length", "max_tokens") else []
    return [*found, Path(row["path"]).name] if row["path"] else found


def _near_in_words(near: Nearest) -> str:
    """What the nearest row is, and how near."""
    row = near.row
    about = ", ".join(part for part in (row.test_case, row.prompt_label, row.source) if part)
    if near.run < NGRAM and near.share < 1:
        found = f"nothing copied, the longest run in common has {near.run} tokens"
    else:
        found = f"{percent(near.share)} of the answer's {near.run}-token runs stand in it"
    return f"{about}: {found}" if about else found[0].upper() + found[1:]


def _shown_in_words(group: Group) -> str:
    """How many of a model's answers to a test case are shown, and which."""
    shown = len(group.rows)
    if shown == group.count:
        return "All are shown."
    more = f", and {shown - SHOWN} for their prompt label" if shown > SHOWN else ""
    return f"{shown} of {group.count:,} are shown: with the lowest, the median and the highest score{more}."


def _listed(group: Group, chosen: Chosen) -> str:
    """Links to the answers under a prompt label that are shown."""
    shown = "all shown" if len(group.rows) == group.count else f"{len(group.rows)} of {group.count:,} shown"
    items = "".join(
        f'<li><a href="#{chosen.answer(row["number"])}">{text(row["test_case"])}, {_score(row)}</a></li>\n'
        for row in group.rows
    )
    return f"{note(f'From the lowest score to the highest, {shown}:')}<ul>\n{items}</ul>"


def _messages(row: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """All messages sent, from the recording; the user's alone where its file is not at hand."""
    if row["path"]:
        path = Path(row["path"])
        with suppress(SlingshotError, OSError):
            path = path.with_name(path.name.replace("evaluation__", "conversation__", 1))
            return conversation_from(file_content(path), path)[0].messages
    return [{"role": "user", "content": row["prompt"] or ""}]


def _column(heading: str, about: str, words: str, marks: Marks) -> str:
    """One of the texts that stand beside each other."""
    said = f"<p>{text(about)}</p>\n" if about else ""
    return f"<div>\n<h3>{text(heading)}</h3>\n{said}{_pre(words, marks)}\n</div>\n"


def _pre(words: str, marks: Marks = ()) -> str:
    """A text as it is, marked where it is copied, cut where it has no end."""
    pieces, after = [], 0
    for first, last in marks:
        if first >= LONGEST:
            break
        pieces += [text(words[after:first]), f"<mark>{text(words[first : min(last, LONGEST)])}</mark>"]
        after = min(last, LONGEST)
    pieces.append(text(words[after:LONGEST]))
    more = len(words) - LONGEST
    cut = f'\n<span class="soft">… and {more:,} more characters</span>' if more > 0 else ""
    return f"<pre>{''.join(pieces)}{cut}</pre>"
