"""For an answer the training row that it has most in common with, and which parts of the two are the same."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slingshot.dataset import Row
from slingshot.dataset.normalize import token_places
from slingshot.dataset.shingles import ngrams
from slingshot.judge.julia.extract import extract_blocks
from slingshot.verdict.memorization import NGRAM

LEAST = 4
"""Tokens to the shortest run in common that is worth a look: `) end` is in every program."""

Marks = Sequence[tuple[int, int]]
"""First and last character, the last not included, of each part of a text that is also in the other."""


@dataclass(frozen=True)
class Program:
    """A text and the Julia in it, token by token.

    Attributes:
        text: an answer, or only its code where that does not stand in the answer as it is.
        tokens: of the code, without comments and layout.
        starts: where each begins in the text.
    """

    text: str
    tokens: Sequence[str]
    starts: Sequence[int]


@dataclass(frozen=True)
class Nearest:
    """An answer beside the training row that is nearest to it.

    Attributes:
        row: the training row.
        answer: the answer's text, and what of it stands in the row.
        learned: the row's text, and what of it stands in the answer.
        run: tokens of the runs that are marked: 13, or of the longest run in common where that is shorter.
        share: of the answer's runs of that many tokens how many stand in the row, from 0 to 1.
    """

    row: Row
    answer: tuple[str, Marks]
    learned: tuple[str, Marks]
    run: int
    share: float


def nearest_rows(answers: Iterable[str], rows: Sequence[Row]) -> dict[str, Nearest]:
    """The nearest row of each answer that has four tokens in a row in common with any.

    Nearest is the row with the most different runs of 13 tokens in common, where none has any that with the most
    runs of 4; of two such the first. Runs are looked up the other way round, each row's among those of all
    answers, so that memory grows with the answers and not with the training data.
    """
    programs = {answer: program for answer in set(answers) if (program := program_of(answer)).tokens}
    learned = {row.answer: row for row in reversed(rows)}  # of copies the first
    codes = {text: program_of(text) for text in learned}
    found: dict[str, Nearest] = {}
    for run in (NGRAM, LEAST):
        missing = {answer: program for answer, program in programs.items() if answer not in found}
        for answer, text in _most_in_common(missing, codes, run).items():
            found[answer] = _beside(programs[answer], learned[text], codes[text])
    return found


def program_of(text: str) -> Program:
    """The tokens of all Julia in an answer, and where they stand in it."""
    blocks, places, after = extract_blocks(text), list[int](), 0
    for block in blocks:
        place = text.find(block, after)
        if place < 0:  # with line ends of another kind
            text, places, after = "\n".join(blocks), [], 0
            place = 0
            for one in blocks:
                places.append(place)
                place += len(one) + 1
            break
        places.append(place)
        after = place + len(block)
    tokens = [
        (token, place + start)
        for block, place in zip(blocks, places, strict=True)
        for token, start in token_places(block)
    ]
    return Program(text, [token for token, _ in tokens], [start for _, start in tokens])


def _most_in_common(programs: dict[str, Program], codes: dict[str, Program], run: int) -> dict[str, str]:
    """For each program that has a run of so many tokens in common with a row's code, the row with the most."""
    wanted: dict[tuple[str, ...], list[str]] = {}
    for answer, program in programs.items():
        for ngram in set(ngrams(program.tokens, run)):
            wanted.setdefault(ngram, []).append(answer)
    best: dict[str, tuple[int, str]] = {}
    for text, code in reversed(codes.items()):
        common: Counter[str] = Counter()
        for ngram in set(ngrams(code.tokens, run)) & wanted.keys():
            common.update(wanted[ngram])
        for answer, count in common.items():
            if count > best.get(answer, (0, ""))[0]:
                best[answer] = (count, text)
    return {answer: text for answer, (_, text) in best.items()}


def _beside(answer: Program, row: Row, learned: Program) -> Nearest:
    """Two programs with all they have in common marked: runs of 13 tokens, else the longest there is."""
    for run in range(min(NGRAM, len(answer.tokens), len(learned.tokens)), 0, -1):
        common = set(ngrams(answer.tokens, run)) & set(ngrams(learned.tokens, run))
        if common:
            break
    count = len(answer.tokens) - run + 1
    return Nearest(
        row,
        (answer.text, _marks(answer, run, common)),
        (learned.text, _marks(learned, run, common)),
        run,
        sum(ngram in common for ngram in ngrams(answer.tokens, run)) / count,
    )


def _marks(program: Program, run: int, common: set[tuple[str, ...]]) -> Marks:
    """The characters of all runs that are in common; runs that overlap or touch are one."""
    marks: list[tuple[int, int]] = []
    last = -1
    for first, ngram in enumerate(ngrams(program.tokens, run)):
        if ngram not in common:
            continue
        end = program.starts[first + run - 1] + len(program.tokens[first + run - 1])
        if marks and first <= last + 1:
            marks[-1] = (marks[-1][0], end)
        else:
            marks.append((program.starts[first], end))
        last = first + run - 1
    return marks
