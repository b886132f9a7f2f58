"""A new test case: `suite new` asks for it on a terminal, or writes a template, and judges what was written."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from slingshot.cli.options import JuliaProject, Sandbox, make_judge_from
from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.files import write_text
from slingshot.progress import say
from slingshot.suite import TestCase, load_test_case
from slingshot.suite.template import new_definition_path, new_test_case
from slingshot.suite.writing import definition_toml

_END = "."
_EDITOR = "e"
_MARK = "> "


def suite_new(
    folder: Annotated[Path, typer.Argument(metavar="SUITE/CATEGORY/NAME", help="folder to make")],
    template: Annotated[
        bool, typer.Option("--template", help="ask nothing, write an example to change")
    ] = False,
    validate: Annotated[bool, typer.Option(help="judge what was written")] = True,
    sandbox: Sandbox = "bubblewrap",
    julia_project: JuliaProject = None,
) -> None:
    """Begin a test case: asked for on a terminal, else a definition.toml that works, with what each key means.

    What was written is judged at once: its reference solution must score 100.
    """
    path = new_definition_path(folder)
    asked = None if template or not sys.stdin.isatty() else _ask(folder.name)
    if asked:
        write_text(path, definition_toml(asked))
        say(f"Wrote {path}.")
    else:
        new_test_case(folder)
        say(f"Wrote {path}; replace its example by your problem.")
        if not template and sys.stdin.isatty():
            _edit(path)
    if validate:
        _validate(path, sandbox, julia_project)
    say(
        f"Next: slingshot suite validate {folder}\n"
        f"Variants, which tell a skill from a memory, are tables [[code_generation.variants]] at the end of {path};"
        " other right programs go to solutions/, wrong ones to wrong/: see docs/writing-test-cases.md."
    )


def _validate(path: Path, sandbox: Sandbox, julia_project: Path | None) -> None:
    """Judge the new test case alone.

    Raises:
        SlingshotError: its reference solution does not score 100.
    """
    from slingshot.validate import validate_suite

    found = validate_suite(
        [load_test_case(path)], make_judge_from(sandbox, 10.0, julia_project=julia_project)
    )
    for problem in found.problems:
        print(problem.sentence())
    if not found.valid:
        raise SlingshotError(
            f"the reference solution does not score 100; correct {path}, then run: slingshot suite validate {path.parent}"
        )
    say("Judged: the reference solution passes all examples and unit tests.")


def _ask(name: str) -> TestCase | None:
    """Ask for a test case's parts; None if the template is wanted in an editor instead.

    Raises:
        RequestError: the terminal ended before something was said that a test case needs.
    """
    with suppress(ImportError):
        import readline  # noqa: F401  (lines can be edited, may be long, and a paste stays one piece)

    say(
        f"What is {name} to do? Name it and its arguments, say what odd cases return, show one call with its result."
        f" End with an empty line or {_END}; {_EDITOR} alone opens your editor on an example instead."
    )
    prompt = "\n".join(_asked("what the function is to do", "", _END))
    if prompt.strip() == _EDITOR:
        return None
    if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", prompt):
        say(f"Note: the text does not name {name}; who answers could not know what to define.")
    say(f"\nExamples: calls that must run, such as {name}(1, 2), one a line. End with an empty line.")
    examples = _asked("an example", "", _END)
    say(
        f"\nUnit tests: what must hold, such as {name}(1, 2) == 3, one a line; @test is put before it. End with an"
        " empty line."
    )
    unit_tests = [text if "@test" in text else f"@test {text}" for text in _asked("a unit test", "", _END)]
    say(
        f"\nReference solution: the path of a .jl file, or the program itself and then a line with {_END} alone."
    )
    solution = _program()
    found = re.findall(r"^[ \t]*(?:using|import)[ \t]+(\w[\w, \t]*)", solution, re.MULTILINE)
    imports = sorted({package for names in found for package in re.findall(r"\w+", names)})
    say(
        f"\nPackages that examples and unit tests need, or - for none [default: {', '.join(imports) or 'none'}]:"
    )
    with suppress(EOFError):
        said = input(_MARK).strip()
        imports = re.findall(r"\w+", said) if said else imports
    return TestCase(
        name=name,
        prompt=prompt,
        examples=examples,
        unit_tests=unit_tests,
        reference_solution=solution,
        imports=imports,
    )


def _asked(what: str, *ends: str) -> list[str]:
    """Lines up to one that is among `ends`, at least one; a paste that the terminal hands over whole may hold empty ones.

    Raises:
        RequestError: the input ended before anything was said.
    """
    lines: list[str] = []
    while True:
        try:
            said = input(_MARK)
        except EOFError:
            if not lines:
                raise RequestError(
                    f"the input ended before {what} was given; run again, or with --template to be asked nothing"
                ) from None
            return lines
        if said.strip() not in ends:
            # A terminal in another encoding gives halves of characters, which no file could hold.
            lines += said.encode(errors="replace").decode().splitlines() or [""]
            if len(lines) == 1 and lines[0].strip().endswith(".jl") and "" not in ends:
                return lines
            if lines[-1].strip() != _END:
                continue
            lines.pop()
        if any(map(str.strip, lines)):
            return lines
        say(f"A test case needs {what}.")


def _program() -> str:
    """A program, from a file or from the terminal."""
    while True:
        lines = _asked("a reference solution", _END)
        if not (len(lines) == 1 and lines[0].strip().endswith(".jl")):
            return "\n".join(lines).strip("\n") + "\n"
        path = Path(lines[0].strip()).expanduser()
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            say(f"{path} cannot be read: {first_line(error)}; name another file, or write the program.")


def _edit(path: Path) -> None:
    """Open the user's editor on a file and wait for its end.

    Raises:
        RequestError: none is named, or it cannot be started.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise RequestError(
            f"no editor is named in $VISUAL or $EDITOR; change {path} by hand, it works as it stands"
        )
    try:
        subprocess.run([*shlex.split(editor), str(path)], check=False)
    except (OSError, ValueError) as error:
        raise RequestError(
            f"the editor {editor!r} does not start: {first_line(error)}; change {path} by hand"
        ) from None
