"""docs/suite.md, made from the bundled suite: `python -m slingshot.suite_page --mutations FILE > docs/suite.md`.

FILE is what `slingshot suite mutate --format json` printed; without it the page ends before the mutants.
"""

import argparse
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import eq
from pathlib import Path
from typing import Any

from slingshot.suite import DIFFICULTIES, TestCase, bundled_suite, load_category, load_suite

MUTANTS = "## Mutants that survive"
"""Where the part begins that only judging can tell."""
_WIDTH = 180  # characters in a cell
_SHORT = 70  # a first sentence that says too little by itself
_EXAMPLE = ("For example", "Example")
_PREFIX = 4  # so many words at the beginning of a sentence are not worth leaving out
# The end of a sentence: a full stop or the like, and a new sentence behind it, which may begin with code.
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")

_ABOUT = """# The bundled suite

Every test case asks for one function, or for one type with its methods, of a kind that people who program in Julia meet at work. The problems, prompts, tests and programs were written for this suite; none comes from a published benchmark or a collection of exercises. Only the standard library is used, and nothing that Julia got after 1.5: [its constructs](suite-constructs.md) are listed with the version that brought each.

A test case has a prompt, examples that must run, unit tests, a reference solution, and wrong programs, each with a mistake that people make. Those to train on have further right programs in different styles; those held out have none, and are never trained on. Each has three variants: *paraphrase* asks for the same in other words, *renamed* with other names, and *respecified* with one rule changed, so that an answer learned by heart fails. Difficulty is what the author thinks of it.

How it is checked:

- `slingshot suite validate` judges all programs: reference solutions, those of variants and further solutions must score 100, wrong programs less, and the reference solution must fail the unit tests of renamed and respecified variants.
- `slingshot suite mutate` puts one small mistake at a time into every reference solution; the unit tests must find at least nine of ten.
- `slingshot dataset check` compares training rows with test cases that are held out: prompts, unit tests and solutions that have too much in common are named.

[Writing test cases](writing-test-cases.md) says how to add one. `slingshot suite show NAME` shows one whole."""


def suite_page(suite: Sequence[TestCase], mutations: Mapping[str, Any] | None = None) -> str:
    """The page: totals, a table for each category, and what `suite mutate --format json` found, if it is given."""
    return "\n".join(_lines(suite, mutations)) + "\n"


def _lines(suite: Sequence[TestCase], mutations: Mapping[str, Any] | None) -> Iterator[str]:
    yield _ABOUT
    yield from (
        "",
        "## Totals",
        "",
        "| difficulty | to train on | held out | together |",
        "|---|--:|--:|--:|",
    )
    for level in (*DIFFICULTIES, "all"):
        of_level = [one for one in suite if level in ("all", one.difficulty)]
        held_out = sum(one.held_out for one in of_level)
        yield f"| {level} | {len(of_level) - held_out} | {held_out} | {len(of_level)} |"
    programs = sum(1 + len(one.solutions()) for one in suite)
    counted = (
        f"{sum(len(one.unit_tests) for one in suite)} unit tests",
        f"{sum(len(one.examples) for one in suite)} examples",
        f"{programs} right programs, reference solutions among them",
        f"{sum(len(one.wrong_programs()) for one in suite)} wrong programs",
        f"{sum(len(one.variants) for one in suite)} variants",
    )
    yield from ("", f"In all {', '.join(counted[:-1])}, and {counted[-1]}.")
    ordered = sorted(
        suite, key=lambda one: (one.category, DIFFICULTIES.index(one.difficulty or "hard"), one.name)
    )
    for name, group in groupby(ordered, key=lambda one: one.category):
        cases = list(group)
        category = load_category(cases[0].folder.parent)
        yield from ("", f"## {category.title if category else name}", "")
        yield "| test case | difficulty | split | what is asked | respecified: the changed rule | unit tests | solutions | wrong |"
        yield "|---|---|---|---|---|--:|--:|--:|"
        yield from map(_row, cases)
    if mutations:
        yield from ("", *_mutants(mutations))


def _row(test_case: TestCase) -> str:
    cells = (
        f"`{test_case.name}`",
        test_case.difficulty or "",
        "held out" if test_case.held_out else "train",
        _cell(_asked(test_case.prompt)),
        _cell(_changed_rule(test_case)),
        len(test_case.unit_tests),
        1 + len(test_case.solutions()),
        len(test_case.wrong_programs()),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _sentences(prompt: str) -> list[str]:
    """A prompt's sentences; a full stop within code ends none."""
    found: list[str] = []
    for piece in _SENTENCE.split(" ".join(prompt.split())):
        if found and found[-1].count("`") % 2:
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return found


def _asked(prompt: str) -> str:
    """The first sentences of a prompt, as many as say what is to be written."""
    first, *rest = _sentences(prompt)
    while rest and len(first) < _SHORT:
        first += f" {rest.pop(0)}"
    return first


def _changed_rule(test_case: TestCase) -> str:
    """What the respecified variant's prompt says and the plain one does not; empty without such a variant."""
    plain = [sentence.split() for sentence in _sentences(test_case.prompt)]
    for variant in test_case.variants:
        if variant.kind == "respecified":
            rules = [one for one in _sentences(variant.prompt) if not one.startswith(_EXAMPLE)]
            return " ".join(filter(None, (_new_words(rule.split(), plain) for rule in rules)))
    return ""


def _new_words(words: list[str], plain: Sequence[list[str]]) -> str:
    """A sentence from where it leaves the plain one that begins like it; nothing if it does not leave it."""
    if words in plain:
        return ""
    alike = max(
        sum(all(map(eq, words[: at + 1], one)) for at in range(min(len(words), len(one)))) for one in plain
    )
    start = max(0, min(alike, len(words) - 1) - 2)  # two words more, to see where it is
    while start and " ".join(words[:start]).count("`") % 2:
        start -= 1
    return f"… {' '.join(words[start:])}" if start > _PREFIX else " ".join(words)


def _cell(text: str) -> str:
    """A text as a cell of a table, shortened between words and never within code."""
    short = textwrap.shorten(text, _WIDTH, placeholder=" …")
    if short.count("`") % 2:
        short = short.rpartition("`")[0].rstrip() + " …"
    return short.replace("|", "\\|")


def _mutants(found: Mapping[str, Any]) -> Iterator[str]:
    yield MUTANTS
    yield ""
    share = f"{found['killed']} of {found['mutants']} mutants were found wrong ({found['killed_share']:.1%})"
    if not found["survivors"]:
        yield f"None: {share}."
        return
    yield f"{share}. These were not; most mean the same as the original, which no unit test can see."
    yield from ("", "| test case | change |", "|---|---|")
    for survivor in found["survivors"]:
        change = " ".join(survivor["change"].split()).replace("`", "'").replace("|", "\\|")
        yield f"| `{survivor['test_case']}` | `{change}` |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write docs/suite.md to standard output.")
    parser.add_argument("--mutations", type=Path, help="what `slingshot suite mutate --format json` printed")
    chosen = parser.parse_args().mutations
    told = json.loads(chosen.read_text(encoding="utf-8")) if chosen else None
    print(suite_page(load_suite(bundled_suite()), told), end="")
