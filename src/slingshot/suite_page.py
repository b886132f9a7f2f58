"""The page docs/suite.md, made from the bundled suite.

    python -m slingshot.suite_page --mutations FOUND.json --verdict RUN/verdict.json > docs/suite.md

FOUND.json is what `slingshot suite mutate --format json` printed, the verdict that of `recipes/suite-difficulty.yml`.
Without them the page ends before what only judging, and only asking, can tell.
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

from slingshot.statistics import interval_over_test_cases
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

A test case has a prompt, examples that must run, unit tests, a reference solution, and wrong programs, each with a mistake that people make. Those to train on have further right programs in different styles; those held out have none, and are never trained on. Each has three variants: *paraphrase* asks for the same in other words, *renamed* with other names, and *respecified* with one rule changed, so that an answer learned by heart fails. Difficulty is what the author thinks of it; what [a small model makes of it](#difficulty-measured) stands below.

How it is checked:

- `slingshot suite validate` judges all programs: reference solutions, those of variants and further solutions must score 100, wrong programs less, and the reference solution must fail the unit tests of renamed and respecified variants.
- `slingshot suite mutate` puts one small mistake at a time into every reference solution; the unit tests must find at least nine of ten.
- `slingshot dataset check` compares training rows with test cases that are held out: prompts, unit tests and solutions that have too much in common are named.

[Writing test cases](writing-test-cases.md) says how to add one. `slingshot suite show NAME` shows one whole."""


def suite_page(
    suite: Sequence[TestCase],
    mutations: Mapping[str, Any] | None = None,
    verdict: Mapping[str, Any] | None = None,
) -> str:
    """The page: totals, a table for each category, and if they are given, mutants and measured difficulty.

    Args:
        suite: all test cases.
        mutations: what `suite mutate --format json` printed.
        verdict: the content of a `verdict.json` about the whole suite.
    """
    return "\n".join(_lines(suite, mutations, verdict)) + "\n"


def _lines(
    suite: Sequence[TestCase], mutations: Mapping[str, Any] | None, verdict: Mapping[str, Any] | None
) -> Iterator[str]:
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
    if verdict:
        yield from ("", *_measured(suite, verdict))


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


def _measured(suite: Sequence[TestCase], verdict: Mapping[str, Any]) -> Iterator[str]:
    """A line for each difficulty and split, with what base and tuned model scored and solved."""
    models = {model["kind"]: model for model in reversed(verdict["models"])}
    base, tuned = models["base"], models["gguf"]
    trained = verdict["training"]
    yield from ("## Difficulty, measured", "")
    yield (
        f"`{base['name']}` before and after it learned {trained['rows']} solutions to the test cases to train on "
        "(`slingshot run recipes/suite-difficulty.yml`), mean score and share of answers that pass all unit tests, "
        "with 95 % intervals over test cases:"
    )
    yield from (
        "",
        "| difficulty | split | test cases | base | solved | tuned | solved |",
        "|---|---|--:|--:|--:|--:|--:|",
    )
    for level in DIFFICULTIES:
        for held_out in (False, True):
            names = [one.name for one in suite if one.difficulty == level and one.held_out == held_out]
            cells = [cell for model in (base, tuned) for cell in _scored(model["per_task"], names)]
            split = "held out" if held_out else "trained on"
            yield f"| {level} | {split} | {len(names)} | {' | '.join(cells)} |"


def _scored(per_task: Mapping[str, Any], names: Sequence[str]) -> Iterator[str]:
    """Mean score and mean share solved of some test cases, each with its interval."""
    for key, top, unit in (("mean", 100.0, ""), ("solved", 1.0, " %")):
        found = interval_over_test_cases({name: [per_task[name][key]] for name in names}, scale=(0.0, top))
        mean, *ends = (
            100 / top * value for value in (found.mean, found.low, found.high) if value is not None
        )
        bounds = f" [{ends[0]:.0f}, {ends[1]:.0f}]" if len(ends) == 2 else ""
        yield f"{mean:.0f}{unit}{bounds}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write docs/suite.md to standard output.")
    parser.add_argument("--mutations", type=Path, help="what `slingshot suite mutate --format json` printed")
    parser.add_argument("--verdict", type=Path, help="`verdict.json` of a run over the whole suite")
    given = parser.parse_args()
    told, known = (
        json.loads(path.read_text(encoding="utf-8")) if path else None
        for path in (given.mutations, given.verdict)
    )
    print(suite_page(load_suite(bundled_suite()), told, known), end="")
