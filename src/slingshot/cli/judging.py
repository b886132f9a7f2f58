"""`judge`: single answers, files of answers, folders of recordings."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.cli.options import (
    Format,
    Jobs,
    JuliaProject,
    Memory,
    Mode,
    Ray,
    Sandbox,
    Timeout,
    make_judge_from,
    test_cases,
)
from slingshot.errors import RequestError, suggest
from slingshot.judge import (
    Evaluation,
    HarnessError,
    Judge,
    Submission,
    extract_code,
    failing_item,
    judge_many,
)
from slingshot.progress import bar, say
from slingshot.suite import TestCase, with_variants

Kind = Literal["answers", "lines", "folder"]
_KINDS = {"answers": "an answer's file", "lines": "a .jsonl file", "folder": "a folder of recordings"}
STDIN = Path("-")


def judge(
    what: Annotated[
        list[Path],
        typer.Argument(
            metavar="WHAT...",
            help="answers' files (Markdown; - for standard input), or one .jsonl file, or one folder of recordings",
        ),
    ],
    suite: Annotated[
        Path | None,
        typer.Option(
            help="folder of test cases [default: those among the recordings, else the bundled ones]"
        ),
    ] = None,
    test_case: Annotated[str | None, typer.Option(help="for an answer's file: what it answers")] = None,
    mode: Mode = "default",
    compare: Annotated[
        bool, typer.Option("--compare", help="judge a folder again and compare; nothing is written")
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, help="compare only so many answers, drawn at random")
    ] = None,
    seed: Annotated[int, typer.Option(help="of that draw")] = 0,
    show: Annotated[int, typer.Option(min=0, help="list so many of the answers that differ")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="for a .jsonl file: the file to write [default: standard output]")
    ] = None,
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
    memory: Memory = "4G",
    julia_project: JuliaProject = None,
    jobs: Jobs = None,
    ray: Ray = None,
    output: Format = "table",
) -> None:
    """Judge answers by running their code in Julia: one, a file of many, or recordings.

    A folder's answers that this judge has not judged yet get an evaluation beside them.
    """
    from slingshot.cli.comparing import report_comparison
    from slingshot.recordings.answers import recorded_suite
    from slingshot.recordings.compare import compare_recordings
    from slingshot.recordings.judging import judge_recordings

    kind = _kind_of(what)
    _refuse("--test-case", test_case is not None, kind, "answers")
    _refuse("--out", out is not None, kind, "lines")
    _refuse("--compare", compare, kind, "folder")
    if not compare and (sample is not None or show):
        raise RequestError("--sample and --show are for comparing; add --compare, or leave them out")
    cases = with_variants(test_cases(suite)) if suite or kind != "folder" else recorded_suite(what[0])
    case = _test_case_called(test_case, cases) if kind == "answers" else None
    by = make_judge_from(sandbox, timeout, memory, julia_project, mode, ray)
    if case:
        _judge_answers(what, case, by, jobs, output)
    elif kind == "lines":
        _judge_lines(what[0], cases, by, jobs, out)
    elif compare:
        with bar("judged") as advance:
            found = compare_recordings(what[0], cases, by, jobs, sample, seed, advance)
        report_comparison(found, by, show, output)
    else:
        with bar("judged") as advance:
            count = judge_recordings(what[0], cases, by, jobs, on_judged=advance, others_too=True)
        if output == "json":
            print(json.dumps({"judged": count, "folder": str(what[0])}))
        say(f"Judged {count} answers below {what[0]}.")
        say(f"Next: slingshot dataset build {what[0]} --out dataset")


def _kind_of(what: Sequence[Path]) -> Kind:
    """What is to be judged."""
    for path in what:
        if path != STDIN and not path.exists():
            raise RequestError(f"{path}: there is no such file or folder; name recordings or an answer")
    kinds: list[Kind] = [
        "folder" if path.is_dir() else "lines" if path.suffix == ".jsonl" else "answers" for path in what
    ]
    if len(what) > 1 and set(kinds) != {"answers"}:
        path = next(path for path, kind in zip(what, kinds, strict=True) if kind != "answers")
        raise RequestError(f"{path}: a folder or a .jsonl file is judged alone; name nothing else")
    return kinds[0]


def _refuse(option: str, given: bool, kind: Kind, wanted: Kind) -> None:
    """Refuse an option that would have no effect."""
    if given and kind != wanted:
        raise RequestError(f"{option} is for {_KINDS[wanted]}; leave it out for {_KINDS[kind]}")


def _test_case_called(name: str | None, cases: Sequence[TestCase]) -> TestCase:
    if name is None:
        raise RequestError("--test-case is missing: say which test case the answer is for")
    by_name = {case.name: case for case in cases}
    if name not in by_name:
        raise RequestError(f"--test-case: {name} is no test case of the suite{suggest(name, by_name)}")
    return by_name[name]


def _judge_answers(paths: Sequence[Path], case: TestCase, by: Judge, jobs: int | None, output: str) -> None:
    """Judge answers to one test case and print all that is known; exit code 1 if one could not be judged."""
    answers = [_read_answer(path) for path in paths]
    found = dict(judge_many([Submission(answer, case) for answer in answers], by, jobs))
    reports = [_report(found[index], case, answer) for index, answer in enumerate(answers)]
    if len(paths) > 1:
        reports = [{"file": str(path), **report} for path, report in zip(paths, reports, strict=True)]
    if output == "json":
        print(json.dumps(reports if len(reports) > 1 else reports[0]))
    else:
        for report in reports:
            Console().print(_report_table(report, by))
    if any(evaluation.score is None for evaluation in found.values()):
        raise typer.Exit(1)


def _read_answer(path: Path) -> str:
    content = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    return content.decode(errors="replace")


def _report(found: Evaluation, case: TestCase, answer: str) -> dict[str, Any]:
    """An evaluation, and the code it speaks of: the item that failed, the answer's line where it failed."""
    from slingshot.recordings.lines import evaluation_object

    item, code = failing_item(case, found)
    lines = extract_code(answer).split("\n")
    line = lines[found.line - 1] if found.line and found.line <= len(lines) else None
    return {
        **evaluation_object(found),
        "failing_item": item or None,
        "failing_code": code or None,
        "code": line,
    }


def _report_table(found: dict[str, Any], by: Judge) -> Table:
    points = "not judged" if found["score"] is None else f"{found['score']:g} of 100"
    rows = {
        "file": found.get("file"),
        "score": f"{points} ({by.mode} mode)",
        "parsed": "yes" if found["parsed"] else "no",
        "executed": "yes" if found["executed"] else "no",
        "unit tests": f"{found['unit_tests_passed']} of {found['unit_tests_count']} passed",
        "examples": f"{found['examples_executed']} of {found['examples_count']} ran",
        "failure": found["failure"] or "none",
        "message": found["detail"],
        found["failing_item"] or "item": found["failing_code"],
        f"line {found['line']}": found["code"],
        "piracy": ", ".join(found["piracy"]),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        if value:
            table.add_row(Text(name), Text(value))
    return table


def _judge_lines(
    path: Path, cases: Sequence[TestCase], by: Judge, jobs: int | None, out: Path | None
) -> None:
    """Judge a file of answers into another, or onto standard output line by line."""
    from slingshot.files import write_text
    from slingshot.recordings.lines import judge_lines

    written, failed = list[str](), 0
    with bar("judged") as advance:
        for entry in judge_lines(path, cases, by, jobs, advance):
            failed += entry["evaluation"]["failure"] == "harness_error"
            written.append(json.dumps(entry, ensure_ascii=False))
            if out is None:
                print(written[-1], flush=True)
    if out is not None:
        write_text(out, "".join(line + "\n" for line in written))
        say(f"Judged {len(written)} answers; wrote {out}.")
    if failed:
        raise HarnessError(
            f"the judge failed on {failed} of {len(written)} answers; run `slingshot doctor`, then judge again"
        )
