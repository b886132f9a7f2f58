"""Test cases: `suite list`, `suite validate`, `suite new` and `suite solutions`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from slingshot.cli.options import (
    Format,
    Jobs,
    JuliaProject,
    Memory,
    Prompts,
    Sandbox,
    SuiteFolder,
    Timeout,
    make_judge_from,
    prompt_labels,
    table_console,
    test_cases,
)
from slingshot.errors import RequestError, SlingshotError
from slingshot.progress import bar, say
from slingshot.suite import TestCase, with_variants

Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="folder of test cases, or of one [default: bundled]")
]


def suite_list(folder: Folder = None, suite: SuiteFolder = None, output: Format = "table") -> None:
    """List the test cases of a suite."""
    cases = _of_argument_or_option(folder, suite)
    rows = [(t.category, t.name, len(t.unit_tests), len(t.examples), len(t.solutions())) for t in cases]
    keys = ("category", "name", "unit_tests", "examples", "solutions")
    if output == "json":
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]))
        return
    table = Table(*(key.replace("_", " ") for key in keys))
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)


def suite_validate(
    folder: Folder = None,
    suite: SuiteFolder = None,
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
    memory: Memory = "4G",
    julia_project: JuliaProject = None,
    jobs: Jobs = None,
    output: Format = "table",
) -> None:
    """Check that every test case's own programs score 100, and those in its `wrong` folder less.

    Variants are checked alike, and those that are renamed or respecified must reject the plain form's program.
    The exit code is 1 if anything is not so.
    """
    from slingshot.validate import validate_suite

    cases = _of_argument_or_option(folder, suite)
    by = make_judge_from(sandbox, timeout, memory, julia_project)
    with bar("judged") as advance:
        found = validate_suite(cases, by, jobs, advance)
    if output == "json":
        print(json.dumps({"valid": found.valid, **asdict(found)}))
    else:
        for problem in found.problems:
            print(problem.sentence())
    if not found.valid:
        raise SlingshotError(
            f"of {found.counted()}, {len(found.problems)} did not score what they should; correct the program or the"
            " test case"
        )
    wrong = found.wrong_programs
    also = f", but for {wrong} that should not and {'does' if wrong == 1 else 'do'} not" if wrong else ""
    say(f"Judged {found.counted()}: all score 100{also}.")


def suite_mutate(
    folder: Folder = None,
    suite: SuiteFolder = None,
    variants: Annotated[bool, typer.Option("--variants", help="those of variants too")] = False,
    least: Annotated[float, typer.Option(min=0, max=1, help="share that unit tests must find wrong")] = 0.9,
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 5.0,
    memory: Memory = "4G",
    julia_project: JuliaProject = None,
    jobs: Jobs = None,
    output: Format = "table",
) -> None:
    """Put small mistakes into every reference solution, and see whether the unit tests find them.

    Each mutant has one operator, bound, constant or branch changed. Those that still score 100 are listed: add a
    unit test, unless the change means the same. The exit code is 1 if fewer than the least share are found wrong.
    """
    from slingshot.mutations import check_mutations

    cases = _of_argument_or_option(folder, suite)
    cases = with_variants(cases) if variants else cases
    by = make_judge_from(sandbox, timeout, memory, julia_project)
    with bar("judged") as advance:
        found = check_mutations(cases, by, jobs, advance)
    if output == "json":
        told = {"mutants": found.mutants, "killed": found.killed, "killed_share": found.killed_share}
        print(json.dumps({**told, **asdict(found)}))
    else:
        table = Table("test case", "mutants", "found wrong", "share")
        for one in found.test_cases:
            share = f"{one.killed / one.mutants:.0%}" if one.mutants else "–"
            table.add_row(one.test_case, str(one.mutants), str(one.killed), share)
        table_console().print(table)
        for survivor in found.survivors:
            print(f"{survivor.test_case}: survived: {survivor.change}")
    said = f"The unit tests found {found.killed} of {found.mutants} mutants wrong ({found.killed_share:.1%})"
    if found.killed_share < least:
        raise SlingshotError(f"{said}, fewer than {least:.0%}; add unit tests for those that survived")
    say(f"{said}.")


def suite_new(
    folder: Annotated[Path, typer.Argument(metavar="SUITE/CATEGORY/NAME", help="folder to make")],
) -> None:
    """Begin a test case: a definition.toml that works, with what each key means."""
    from slingshot.suite.template import new_test_case

    say(f"Wrote {new_test_case(folder)}; replace its example by your problem.")
    say(f"Next: slingshot suite validate {folder}")


def suite_solutions(
    out: Annotated[Path, typer.Option(help="recordings folder to write")],
    suite: SuiteFolder = None,
    prompts: Prompts = "InJulia,JuliaCodeOnly",
) -> None:
    """Put the solutions that ship with a suite down as conversations, to be judged."""
    from slingshot.recordings.solutions import record_solutions

    count = record_solutions(test_cases(suite), prompt_labels(prompts), out)
    say(f"Wrote {count} conversations to {out}.\nNext: slingshot judge {out}")


def _of_argument_or_option(folder: Path | None, suite: Path | None) -> list[TestCase]:
    """The test cases of a suite that may be named in either way."""
    if folder and suite:
        raise RequestError(f"{folder} and --suite {suite} both name a suite; name one")
    return test_cases(folder or suite)
