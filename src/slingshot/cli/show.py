"""`show`: one recording with everything that is known of it."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from slingshot.cli.options import Format
from slingshot.errors import RequestError, suggest
from slingshot.judge.evaluation import Failure
from slingshot.progress import say
from slingshot.suite import TestCase, bundled_suite, load_suite, load_test_case, with_variants


def show(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="a recording's file, or a folder of recordings")
    ],
    model: Annotated[str | None, typer.Option(help="in a folder: only this model's")] = None,
    test_case: Annotated[str | None, typer.Option(help="only of this test case")] = None,
    prompt: Annotated[str | None, typer.Option(metavar="LABEL", help="only of this prompt label")] = None,
    failure: Annotated[
        Literal[Failure, "none"] | None, typer.Option(help="only those that failed so; none: that did not")
    ] = None,
    number: Annotated[int | None, typer.Option(min=1, help="which of those that match [default: 1]")] = None,
    suite: Annotated[
        Path | None,
        typer.Option(help="folder of test cases [default: those with the recordings, else the bundled ones]"),
    ] = None,
    output: Format = "table",
) -> None:
    """Show one recording: what was asked, what was answered, and what judging found."""
    from slingshot.cli.one_recording import recording_object
    from slingshot.cli.showing import print_recording
    from slingshot.recordings.answers import recorded_suite
    from slingshot.recordings.opened import open_recording
    from slingshot.recordings.packed import find_pair

    if not path.exists() and find_pair(path) is None:
        raise RequestError(f"{path}: there is no such file or folder; name a recording or a folder of them")
    wanted = {"--model": model, "--test-case": test_case, "--prompt": prompt, "--failure": failure}
    options = [option for option, value in wanted.items() if value is not None]
    options += ["--number"] if number else []
    if options and not path.is_dir():
        raise RequestError(f"{options[0]} chooses from a folder; leave it out for the file {path}")
    cases = (
        with_variants(load_suite(suite))
        if suite
        else recorded_suite(path)
        if path.is_dir()
        else _definitions(path)
    )
    names = {case.name for case in cases}
    if path.is_dir():
        path = _chosen(path, wanted, number or 1, names)
    opened = open_recording(path, names)
    if not suite:
        cases = [*_definitions(path), *cases]
    case = next((case for case in cases if case.name == opened.origin.test_case), None)
    found = recording_object(opened, case)
    if output == "json":
        print(json.dumps(found))
    else:
        judged = found["evaluation"] is not None
        advice = _advice(opened.path, opened.origin.test_case, judged, case, suite)
        print_recording(found, advice)


def _chosen(folder: Path, wanted: Mapping[str, str | None], number: int, names: set[str]) -> Path:
    """The conversation to show; how many match, and how to see the next, goes to standard error."""
    matching = _matching(folder, wanted, names)
    count = len(matching)
    if number > count:
        raise RequestError(
            f"--number: {number} is too high, {count} below {folder} match; choose one of these"
        )
    more = f"; --number {number + 1} shows the next" if number < count else ""
    say(f"Number {number} of {count} that match{more}." if count > 1 else "The only one that matches.")
    return matching[number - 1]


def _matching(folder: Path, wanted: Mapping[str, str | None], names: set[str]) -> list[Path]:
    """The conversations below a folder that are wanted, in the order of their paths; `names` are known test cases.

    Raises:
        RequestError: there are none.
    """
    from slingshot.recordings.files import parse_file_name

    there: dict[str, set[str]] = {option: set() for option in wanted}
    found, without_reason = list[Path](), 0
    # A file's name says the prompt label; for the rest it must be opened.
    deep = any(value is not None for option, value in wanted.items() if option != "--prompt")
    for path, known in _conversations(folder):
        name = parse_file_name(path.name)
        facts = {"--prompt": name.prompt_label if name else ""}
        facts |= known or (_facts(path, names) if deep else {})
        for option, value in facts.items():
            there[option].add(value)
        without_reason += facts.get("--failure") == ""
        if all(value in (None, facts.get(option)) for option, value in wanted.items()):
            found.append(path)
    if found:
        return found
    if not there["--prompt"]:
        raise RequestError(f"{folder}: no recordings below this folder; name another")
    for option, asked in wanted.items():
        if option != "--failure" and asked is not None and asked not in there[option]:
            raise RequestError(
                f"{option}: no recordings of {asked} below {folder}{suggest(asked, there[option])}"
            )
    given = " ".join(f"{option} {value}" for option, value in wanted.items() if value is not None)
    advice = "; leave some of it out"
    if wanted["--failure"] and without_reason:
        advice = (
            f", but of {without_reason} it is not known why they failed; judge them with `slingshot judge`"
        )
    raise RequestError(f"{folder}: no recording matches {given}{advice}")


def _conversations(folder: Path) -> list[tuple[Path, dict[str, str]]]:
    """All conversations below a folder in the order of their paths; of packed ones, what `_facts` says of the others."""
    from slingshot.recordings.files import conversation_files
    from slingshot.recordings.packed import packed_below, read_packed
    from slingshot.recordings.scan import conversation_of

    found: dict[Path, dict[str, str]] = {}
    for place in packed_below(folder):
        rows, problems = read_packed(place, ["path", "model", "test_case", "score", "failure"])
        for problem in problems:
            say(problem.sentence)
        for path, model, test_case, score, failure in rows.iter_rows():
            failure = failure or ("none" if score == 100 else "")
            facts = {"--model": model, "--test-case": test_case, "--failure": failure}
            found[place / conversation_of(path)] = facts
    found |= {path: {} for path in conversation_files(folder)}
    return sorted(found.items())


def _facts(path: Path, names: set[str]) -> dict[str, str]:
    """What a recording can be chosen by, but for its prompt label; a failure that is not known is empty."""
    from slingshot.recordings.answers import recorded_score
    from slingshot.recordings.files import evaluation_path, read_conversation
    from slingshot.recordings.opened import evaluation_of, origin_of

    evaluation = evaluation_of(path)
    if evaluation is None:
        origin = origin_of(path, names, None, read_conversation(path)[1])
        failure = ""
    else:
        origin = origin_of(path, names, evaluation)
        full = recorded_score(evaluation, evaluation_path(path)) == 100
        failure = (evaluation.get("slingshot") or {}).get("failure") or ("none" if full else "")
    return {"--model": origin.model, "--test-case": origin.test_case, "--failure": failure}


def _definitions(path: Path) -> list[TestCase]:
    """The test case in whose folder a recording lies, as in a checkout of the leaderboard; else the bundled ones."""
    files = (folder / "definition.toml" for folder in path.absolute().parents)
    near = next((file for file in files if file.exists()), None)
    return with_variants([load_test_case(near)] if near else load_suite(bundled_suite()))


def _advice(path: Path, name: str, judged: bool, case: TestCase | None, suite: Path | None) -> str:
    """How to have the answer at `path`, to the test case of that name, judged by ours."""
    folder = path.parent
    if suite:
        option = ["--suite", str(suite)]
    elif case is None:
        option = ["--suite", "DIR"]
    elif case.folder.is_relative_to(bundled_suite()):
        option = []
    else:
        option = ["--suite", str(case.folder)]
    if not judged:  # then the path alone says the test case: judge from above its folder
        above = next((parent.parent for parent in path.parents if parent.name == name), None)
        folder, option = (above or folder), (option if suite or case is None else [])
    command = shlex.join(["slingshot", "judge", str(folder), *option])
    return f"`{command}` judges it"
