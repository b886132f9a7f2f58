"""A shared collection of conversations: `conversations add` and `conversations check`."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.cli.options import (
    Format,
    Jobs,
    JuliaProject,
    Memory,
    Sandbox,
    Timeout,
    make_judge_from,
)
from slingshot.errors import SlingshotError
from slingshot.progress import bar, say

if TYPE_CHECKING:  # these load much that other verbs do without
    from slingshot.dataset.collection.shared_folder import Additions, CheckedCollection


def conversations_add(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="conversations: PromptingTools' JSON, messages, or ShareGPT"),
    ],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="the collection")],
    topic: Annotated[str, typer.Option(help="what they are about: a folder's name")] = "",
    source: Annotated[str, typer.Option(help="where they are from, such as a web page or your name")] = "",
    model: Annotated[str, typer.Option(help="who answered")] = "",
    licence: Annotated[str, typer.Option(metavar="SPDX", help="under which they may be shared")] = "",
    no_code: Annotated[bool, typer.Option("--no-code", help="take answers without Julia too")] = False,
    allow_unknown_licence: Annotated[
        bool, typer.Option("--allow-unknown-licence", help="take `--licence unknown`")
    ] = False,
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
    memory: Memory = "4G",
    julia_project: JuliaProject = None,
    jobs: Jobs = None,
    output: Format = "table",
) -> None:
    """Add conversations whose Julia runs, with licence and origin; the exit code is 1 if one was left out.

    What the options leave out, each file has to say itself.
    """
    from slingshot.dataset.collection.shared_folder import add_conversations

    by = make_judge_from(sandbox, timeout, memory, julia_project)
    about = {"topic": topic, "source": source, "model": model, "licence": licence}
    with bar("run") as advance:
        result = add_conversations(
            files,
            to,
            by,
            about,
            without_code=no_code,
            unknown_licence=allow_unknown_licence,
            jobs=jobs,
            on_judged=advance,
        )
    if output == "json":
        print(json.dumps(_additions_object(result, to)))
    else:
        _print_additions(result)
    for note in _notes(filter(None, [model])):
        say(note)
    if result.unreadable:
        say(
            f"{len(result.unreadable)} files of the collection could not be read, so copies of them go unseen."
        )
    if result.rejected:
        total = len(result.added) + len(result.rejected)
        raise SlingshotError(
            f"{len(result.rejected)} of {total} conversations were left out; mend and add them again"
        )
    say(f"Added {len(result.added)} conversations to {to}.\nNext: slingshot conversations check {to}")


def conversations_check(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="the collection")],
    run: Annotated[bool, typer.Option("--run/--no-run", help="run the Julia in answers")] = True,
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
    memory: Memory = "4G",
    julia_project: JuliaProject = None,
    jobs: Jobs = None,
    output: Format = "table",
) -> None:
    """Check every conversation of a collection; the exit code is 1 if anything does not hold."""
    from slingshot.dataset.collection.shared_folder import check_collection

    by = make_judge_from(sandbox, timeout, memory, julia_project) if run else None
    with bar("run") as advance:
        found = check_collection(folder, by, jobs, advance)
    if output == "json":
        print(json.dumps(_checked_object(found, folder)))
    else:
        _print_checked(found)
    for note in _notes(found.counts["model"]):
        say(note)
    if not run:
        say("The Julia in answers was neither parsed nor run.")
    if not found.holds:
        raise SlingshotError(
            f"{folder}: {len(found.problems)} problems and {len(found.duplicates)} duplicates; mend or remove the files"
        )
    say(
        f"{found.conversations} conversations hold.\nNext: slingshot dataset convert {folder} --to sharegpt --out …"
    )


def _notes(models: Iterable[str]) -> list[str]:
    """What the terms of models say about training on their answers, once for each licence that limits it."""
    from slingshot.dataset.licences import Licence, licence_of

    limited: dict[Licence, list[str]] = {}
    for model in models:
        licence = licence_of(model)
        if licence.training in ("conditions", "forbidden"):
            limited.setdefault(licence, []).append(model)
    return [
        f"Note on {', '.join(names)}: training other models on answers: {licence.training}; {licence.note}"
        f" ({licence.name}, {licence.date}; no legal advice)."
        for licence, names in limited.items()
    ]


def _additions_object(result: "Additions", folder: Path) -> dict[str, object]:
    return {
        "folder": str(folder),
        "added": [{"from": place, "path": str(path)} for place, path in result.added],
        "rejected": [{"from": item.place, "reasons": list(item.reasons)} for item in result.rejected],
        "unreadable": [str(problem.path) for problem in result.unreadable],
    }


def _print_additions(result: "Additions") -> None:
    for place, path in result.added:
        print(f"added: {place}\n  {path}")
    for item in result.rejected:
        print(f"left out: {item.place}")
        for reason in item.reasons:
            print(f"  {reason}")


def _checked_object(found: "CheckedCollection", folder: Path) -> dict[str, object]:
    return {
        "folder": str(folder),
        "holds": found.holds,
        "conversations": found.conversations,
        "ran": found.ran,
        "counts": found.counts,
        "problems": [{"path": str(problem.path), "sentence": problem.sentence} for problem in found.problems],
        "duplicates": [
            {"path": str(later), "of": str(earlier), "kind": kind}
            for later, earlier, kind in found.duplicates
        ],
    }


def _print_checked(found: "CheckedCollection") -> None:
    table = Table("", "", "conversations", box=None, pad_edge=False)
    for key, counted in found.counts.items():
        for number, (name, count) in enumerate(counted.items()):
            table.add_row("" if number else key, Text(name), str(count))
    Console().print(table)
    for problem in found.problems:
        print(problem.sentence)
    for later, earlier, kind in found.duplicates:
        print(f"{later}: repeats {earlier} ({kind}); remove one")
