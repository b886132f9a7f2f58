"""Test cases: `suite list`, `show`, `validate`, `mutate` and `solutions`."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
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
from slingshot.errors import RequestError, SlingshotError, suggest
from slingshot.progress import bar, say
from slingshot.suite import TestCase, load_category, with_variants

Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="folder of test cases, or of one [default: bundled]")
]

_COUNTED = ("unit_tests", "examples", "solutions", "wrong", "variants")


def suite(context: typer.Context, suite: SuiteFolder = None, output: Format = "table") -> None:
    """List, look at, check and create test cases; without a verb, list them."""
    if context.invoked_subcommand is None:
        suite_list(None, suite, output)
    elif suite or output != "table":
        raise RequestError(
            f"options of suite {context.invoked_subcommand} stand behind that word; put them there"
        )


def suite_list(folder: Folder = None, suite: SuiteFolder = None, output: Format = "table") -> None:
    """List the test cases of a suite: how difficult, whether to train on, and how many programs each has."""
    cases = _of_argument_or_option(folder, suite)
    rows = [_row(test_case) for test_case in sorted(cases, key=lambda case: (case.category, case.name))]
    if output == "json":
        print(json.dumps(rows))
        return
    columns = [key for key in rows[0] if key != "title"]
    table = Table(*(column.replace("_", " ") for column in columns))
    for at, column in enumerate(columns):
        table.columns[at].justify = "right" if column in _COUNTED else "left"
    for row in rows:
        shown = {**row, "category": row["title"], "split": str(row["split"] or "").replace("_", " ")}
        unknown = {key: "–" for key in ("difficulty", "split") if row[key] is None}
        table.add_row(*(str({**shown, **unknown}[column]) for column in columns))
    split = Counter(row["split"] for row in rows)
    categories = len({row["category"] for row in rows})
    table.add_section()
    table.add_row(
        f"{categories} {'category' if categories == 1 else 'categories'}",
        f"{len(rows)} test case{'s' * (len(rows) != 1)}",
        "",
        f"{split['train']} train, {split['held_out']} held out",
        *(str(sum(int(str(row[column])) for row in rows)) for column in _COUNTED),
    )
    table_console().print(table)


def _row(test_case: TestCase) -> dict[str, str | int | None]:
    """A test case's line in the list."""
    category = load_category(test_case.folder.parent)
    return {
        "category": test_case.category,
        "title": category.title if category else test_case.category,
        "name": test_case.name,
        "difficulty": test_case.difficulty,
        "split": ("held_out" if test_case.held_out else "train") if category else None,
        "unit_tests": len(test_case.unit_tests),
        "examples": len(test_case.examples),
        "solutions": len(test_case.solutions()),
        "wrong": len(test_case.wrong_programs()),
        "variants": len(test_case.variants),
    }


def suite_show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="of a test case or a variant")],
    suite: SuiteFolder = None,
    output: Format = "table",
) -> None:
    """Show a test case: what is asked, its examples and unit tests, its reference solution, its variants."""
    forms = {form.name: form for form in with_variants(test_cases(suite))}
    if name not in forms:
        raise RequestError(f"there is no test case {name}{suggest(name, forms)}")
    form = forms[name]
    if output == "json":
        more = {"variant_of": form.variant_of, "variant_kind": form.variant_kind, "folder": str(form.folder)}
        programs = {"solutions": form.solutions(), "wrong": form.wrong_programs()}
        print(json.dumps({**_row(form), **form.model_dump(), **more, **programs}))
        return
    console = table_console()
    split = {"train": "to train on", "held_out": "held out"}.get(str(_row(form)["split"]), "")
    facts = [form.category, form.difficulty or "", split]
    facts += [f"{form.variant_kind} of {form.variant_of}"] if form.variant_of else []
    facts += [f"imports {', '.join(form.imports)}"] if form.imports else []
    console.print(Rule(form.name, align="left"))
    console.print(", ".join(filter(None, facts)), markup=False, highlight=False)
    console.print(Padding(Markdown(form.prompt), (1, 0)))
    for title, pieces in (("Examples", form.examples), ("Unit tests", form.unit_tests)):
        _show_code(console, title, "\n".join(pieces))
    _show_code(console, "Reference solution", form.reference_solution)
    for variant in form.variants:
        console.print(Rule(f"{variant.name} ({variant.kind})", align="left"))
        console.print(Padding(Markdown(variant.prompt), (1, 0)))
    said = (
        f"{len(form.solutions())} solutions and {len(form.wrong_programs())} wrong programs in {form.folder}"
    )
    console.print(said, markup=False, highlight=False, soft_wrap=True)


def _show_code(console: Console, title: str, code: str) -> None:
    console.print(f"[bold]{title}[/bold]")
    console.print(
        Padding(Syntax(code.strip("\n"), "julia", background_color="default", word_wrap=True), (0, 0, 1, 2))
    )


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
