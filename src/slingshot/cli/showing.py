"""How `show` puts a recording before a person: styled on a terminal, plain text elsewhere."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from slingshot.cli.one_recording import POINTS

Facts = list[tuple[str, str]]

FAILURES = {
    "no_code": "the answer holds no Julia code block",
    "parse_error": "the code is no valid Julia",
    "load_error": "the code failed when it was loaded",
    "tests_failed": "an example or a unit test failed",
    "timeout": "the code was not done in time",
    "memory": "the memory ran out",
    "crashed": "the process died",
    "unavailable": "not judged: a package was missing, which says nothing about the answer",
    "harness_error": "not judged: the judge itself failed, which says nothing about the answer",
}
_CUT_OFF = "cut off at the token limit: the answer is not whole"
_BY_ITSELF = ("stop", "end_turn", "eos", "stop_sequence")
# Possessive: an answer must not make the expression try every way to read a long line.
_FENCE = re.compile(r"\s*+(`{3,}+|~{3,}+)\s*+([\w+-]*+)[^`]*+")
_WIDTH = 80
# Control characters but tab and line feed.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), *range(127, 160))}


class Excerpt(NamedTuple):
    """Lines of a program around the one that failed: their text, the first one's number and the failing one's."""

    lines: Sequence[str]
    first: int
    failing: int


class Section(NamedTuple):
    """A part of what is shown: under a title facts, a text in Markdown, or lines of code."""

    title: str
    content: Facts | str | Excerpt


def print_recording(shown: Mapping[str, Any], advice: str) -> None:
    """Print a recording, see `recording_object`; `advice` says how it would be judged."""
    console = Console()
    for section in _sections(shown, advice):
        if console.is_terminal:
            _print_styled(section, console)
        else:
            _print_plain(section, console)


def _sections(shown: Mapping[str, Any], advice: str) -> list[Section]:
    sections = [Section("", _heading(shown))]
    messages = [*shown["messages"], {"role": "assistant", "content": shown["answer"]}]
    rounds, answers = sum(message["role"] == "assistant" for message in messages), 0
    for message in messages:
        title = str(message["role"]).capitalize()
        if message["role"] == "assistant":
            answers += 1
            title = f"Answer {answers} of {rounds}" if rounds > 1 else "Answer"
        sections.append(Section(title, message["content"]))
    found = shown["evaluation"]
    if found is None:
        return [*sections, Section("Evaluation", [("judged", f"not yet; {advice}")])]
    sections.append(Section("Evaluation", _findings(found, advice)))
    if around := found["excerpt"]:
        line = found["line"]
        sections.append(Section(f"Line {line} of the code", Excerpt(around["lines"], around["first"], line)))
    return sections


def _heading(shown: Mapping[str, Any]) -> Facts:
    tokens, cost = shown["tokens"], shown["cost_usd"]
    finish = shown["finish_reason"]
    elapsed = shown["elapsed_seconds"]
    return _known(
        ("model", shown["model"]),
        ("test case", shown["test_case"]),
        ("prompt label", shown["prompt_label"]),
        ("strategy", shown["strategy"] if shown["strategy"] != "1SHOT" else None),
        ("experiment", shown["experiment"]),
        ("sample", shown["sample"]),
        ("seed", shown["seed"]),
        ("parameters", _listed(shown["parameters"])),
        ("recorded", _moment(shown["timestamp"])),
        ("tokens", tokens and f"{tokens['prompt']} of the prompt, {tokens['answer']} of the answer"),
        ("time", elapsed and f"{elapsed:.1f} s"),
        ("cost", None if cost is None else f"{cost:.6f}".rstrip("0").rstrip(".") + " USD"),
        ("ended", _CUT_OFF if shown["cut_off"] else "by itself" if finish in _BY_ITSELF else finish),
        ("file", shown["path"]),
    )


def _findings(found: Mapping[str, Any], advice: str) -> Facts:
    score, points, judge = found["score"], found["points"], found["judge"]
    solved = "solved" if found["solved"] else "not solved"
    rows = [("score", "none: it could not be judged" if score is None else f"{score:g} of 100, {solved}")]
    if points:
        rows += [
            (name, f"{part}: {points[name.replace(' ', '_')]:g} of {POINTS:g} points")
            for name, part in _parts(found).items()
        ]
    failure = found["failure"]
    if failure:
        rows.append(("failure", f"{failure}: {FAILURES.get(failure, 'unknown to this version')}"))
    elif judge is None and score != 100:
        rows.append(("failure", f"the leaderboard does not record why; {advice}"))
    else:
        rows.append(("failure", "none"))
    rows += _known(
        ("message", found["message"]),
        (found["failing_item"] or "", found["failing_code"]),
        ("line", found["line"] and f"{found['line']} of the code"),
        ("piracy", ", ".join(found["piracy"])),
        ("judged by", "the leaderboard" if judge is None else _judge_in_words(judge)),
    )
    if found["recorded"]:
        rows.append(("before", f"the leaderboard had recorded: {_listed(_parts(found['recorded']))}"))
    return rows


def _parts(found: Mapping[str, Any]) -> dict[str, str]:
    """What became of the four parts of a score."""
    return {
        "parsed": "yes" if found["parsed"] else "no",
        "executed": "yes" if found["executed"] else "no",
        "unit tests": f"{found['unit_tests_passed']} of {found['unit_tests_count']} passed",
        "examples": f"{found['examples_executed']} of {found['examples_count']} ran",
    }


def _judge_in_words(judge: Mapping[str, Any]) -> str:
    memory = str(judge.get("memory", ""))
    said = [f"{key} {judge[key]}" for key in ("judge", "mode", "julia", "sandbox") if key in judge]
    said += [f"{judge['timeout']} s"] if "timeout" in judge else []
    said += [f"{int(memory) / 2**30:g} GiB"] if memory.isdigit() else []
    said += [f"packages {judge['packages']}"] if judge.get("packages") else []
    return f"Slingshot: {', '.join(said)}" if said else "Slingshot"


def _known(*facts: tuple[str, Any]) -> Facts:
    """The facts that are known, as texts."""
    return [(name, str(value)) for name, value in facts if value not in (None, "", [])]


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())


def _moment(timestamp: str) -> str:
    """A recording's timestamp for a person."""
    try:
        return f"{datetime.strptime(timestamp[:15], '%Y%m%d_%H%M%S'):%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return timestamp


def _print_plain(section: Section, console: Console) -> None:
    """Text as it is: nothing is wrapped, cut or coloured."""
    lines = []
    if section.title:
        lines.append(f"\n── {section.title} ".ljust(_WIDTH + 1, "─") + "\n")
    content = section.content
    if isinstance(content, str):
        lines.append(content)
    elif isinstance(content, Excerpt):
        width = len(str(content.first + len(content.lines)))
        for number, line in enumerate(content.lines, content.first):
            lines.append(f"{'>' if number == content.failing else ' '} {number:{width}}  {line}")
    else:
        width = max(len(name) for name, _ in content) + 2
        lines += [name.ljust(width) + value.replace("\n", "\n" + " " * width) for name, value in content]
    console.file.write(_whole("\n".join(lines)) + "\n")


def _print_styled(section: Section, console: Console) -> None:
    if section.title:
        console.print()
        console.print(Rule(f"── {section.title}", align="left"))
    content = section.content
    if isinstance(content, str):
        for language, text in _pieces(content):
            if language is None:
                console.print(Text(_harmless(text)))
            else:
                console.print(Padding(_code(text, language), (0, 0, 0, 2)))
    elif isinstance(content, Excerpt):
        console.print(
            _code(
                "\n".join(content.lines),
                "julia",
                line_numbers=True,
                start_line=content.first,
                highlight_lines={content.failing},
            )
        )
    else:
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in content:
            table.add_row(Text(name), Text(_harmless(value)))
        console.print(table)


def _whole(text: str) -> str:
    """The text with a question mark for every half character, which cannot be written."""
    return text.encode(errors="replace").decode()


def _harmless(text: str) -> str:
    """The text for a terminal, which an answer must not steer."""
    return _whole(text).replace("\r\n", "\n").translate(_CONTROL)


def _code(text: str, language: str, **options: Any) -> Syntax:
    return Syntax(_harmless(text), language, theme="ansi_dark", word_wrap=True, tab_size=4, **options)


def _pieces(markdown: str) -> list[tuple[str | None, str]]:
    """A text's prose and its fenced code in order, each with the language of its fence, None for prose.

    Fences without a language hold Julia here. A block that is never closed runs to the end.
    """
    pieces = list[tuple[str | None, str]]()
    fence, language, lines = "", "", list[str]()
    for line in markdown.split("\n"):
        mark = _FENCE.fullmatch(line)
        if mark and not fence:
            pieces.append((None, "\n".join(lines)))
            fence, language, lines = mark[1], mark[2] or "julia", []
        elif mark and mark[1].startswith(fence) and not mark[2]:
            pieces.append((language, "\n".join(lines)))
            fence, lines = "", []
        else:
            lines.append(line)
    pieces.append((language if fence else None, "\n".join(lines)))
    return [piece for piece in pieces if piece[1].strip()]
