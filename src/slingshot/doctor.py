"""What this machine has, what is missing, and how to get it."""

import json
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.errors import MissingTool, SlingshotError
from slingshot.files import cache_folder, sha256_of_file
from slingshot.judge.bubblewrap import find_bubblewrap, install_bubblewrap
from slingshot.judge.julia.install import Julia, find_julia, install_julia
from slingshot.judge.julia.packages import (
    absent_packages,
    add_packages,
    checked_project,
    imported_package,
    install_packages,
    packages_in,
    packages_to_add,
    precompile_packages,
)
from slingshot.progress import say
from slingshot.suite import TestCase, load_suite
from slingshot.wheels import PINNED, PinnedWheel, cached_wheel, is_unpacked, repair_wheel, unpacked_folder

State = Literal["ok", "missing", "broken"]

_GIB = 1 << 30
# Estimates for the quickstart with room to spare: its peak, and what the cache and one run take on disk.
_MEMORY_NEEDED = 6 * _GIB
_DISK_NEEDED = 4 * _GIB
_TRAINING_PACKAGES = ("torch", "transformers", "peft", "gguf", "cyllama", "xllamacpp")
_FIX = "slingshot doctor --fix"
_SERVER_MODES = {
    "tiered": "compiled and interpreted fork server",
    "interpreted": "interpreted fork server",
    "cold": "cold processes: as right, but many times slower",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what was looked for.
        state: `ok`, `missing`, or `broken` (it is there and does not work).
        what: what was found, or what is wrong.
        how_to_fix: the command or the step that helps; empty when the state is ok.
        needed: whether the quickstart, or the suite that was asked about, cannot do without it.
    """

    name: str
    state: State
    what: str
    how_to_fix: str = ""
    needed: bool = True


def examine(project: Path | None = None, suite: Path | None = None) -> list[Finding]:
    """Look at everything Slingshot needs; nothing is changed, and nothing is fetched.

    Args:
        project: the Julia project that answers run in; None: Slingshot's own.
        suite: a suite whose test cases' imports are looked at as well.

    Raises:
        RequestError: `project` is no Julia project, its files are no valid TOML, or `suite` is no suite.
    """
    return [
        _python(),
        _processor(),
        _memory(),
        _disk(),
        _julia(),
        _packages(project, suite),
        *([_imports(project, suite)] if suite else []),
        _bubblewrap(),
        _judge(),
        *(_package(name) for name in _TRAINING_PACKAGES),
        *(_wheel(wheel) for wheel in PINNED.values()),
    ]


def fix(report: Callable[[str], None], project: Path | None = None, suite: Path | None = None) -> list[str]:
    """Get what is missing: Julia, bubblewrap, Julia packages, the pinned wheels; what works is left alone.

    Args:
        report: called with one line for each thing that is done.
        project: the Julia project that answers run in; None: Slingshot's own.
        suite: a suite whose imports are added to that project.

    Returns:
        One sentence for each thing that could not be had; the others are done nevertheless.
    """
    failures = []
    steps: list[Callable[[], object]] = [partial(_fix_julia, report), partial(_fix_bubblewrap, report)]
    steps.append(partial(_fix_packages, report, project, suite))
    steps += [partial(repair_wheel, wheel, report) for wheel in PINNED.values()]
    for step in steps:
        try:
            step()
        except SlingshotError as error:
            failures.append(str(error))
    return failures


def doctor(
    repair: Annotated[
        bool,
        typer.Option(
            "--fix",
            help="get what is missing: Julia, its packages, bubblewrap, the base model, the converter",
        ),
    ] = False,
    suite: Annotated[
        Path | None, typer.Option(help="look at the Julia packages that this suite imports; --fix adds them")
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option(
            "--julia-project", help="the Julia project that answers run in [default: one of its own]"
        ),
    ] = None,
    output: Annotated[
        Literal["table", "json"], typer.Option("--format", help="json: one value on standard output")
    ] = "table",
) -> None:
    """Show what this machine has and what is missing; the exit code is 1 if something needed is missing."""
    _check_request(project, suite)
    failures = fix(say, project, suite) if repair else []
    findings = examine(project, suite)
    wanting = [finding for finding in findings if finding.needed and finding.state != "ok"]
    if output == "json":
        print(json.dumps({"ok": not wanting, "findings": [asdict(finding) for finding in findings]}))
    else:
        Console().print(_table(findings))
    for failure in failures:
        say(f"slingshot: {failure}")
    if wanting:
        if not repair:
            say(f"Next: {_fix_command(project, suite)}")
        raise typer.Exit(1)


def _check_request(project: Path | None, suite: Path | None) -> None:
    """Refuse a project or a suite that is none before anything is done.

    Raises:
        RequestError: see above.
    """
    if suite:
        load_suite(suite)
    with suppress(MissingTool):
        checked_project(find_julia(), project)


def _fix_command(project: Path | None, suite: Path | None) -> str:
    options = {"--suite": suite, "--julia-project": project}
    chosen = [f"{option} {shlex.quote(str(path))}" for option, path in options.items() if path]
    return " ".join([_FIX, *chosen])


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "state", "found", "what to do"):
        table.add_column(heading, overflow="fold")
    colours = {"ok": "green", "missing": "yellow", "broken": "red"}
    for finding in findings:
        state = Text(finding.state, style=colours[finding.state])
        # Texts, not strings: a square bracket in a path is no markup.
        table.add_row(Text(finding.name), state, Text(finding.what), Text(finding.how_to_fix))
    return table


def _fix_julia(report: Callable[[str], None]) -> None:
    try:
        find_julia()
    except MissingTool:
        if "SLINGSHOT_JULIA" in os.environ:
            raise  # the user chose one: another would not be used
        install_julia(report)


def _fix_bubblewrap(report: Callable[[str], None]) -> None:
    try:
        find_bubblewrap()
    except MissingTool:
        install_bubblewrap(report)


def _fix_packages(report: Callable[[str], None], project: Path | None, suite: Path | None) -> None:
    julia = _working_julia()
    if julia is None:
        return  # the step before has said so
    folder = checked_project(julia, project)
    if absent_packages(julia, folder):
        install_packages(julia, folder, report)
    else:
        precompile_packages(julia, folder)
    imports = _test_cases_by_package(load_suite(suite)) if suite else {}
    add_packages(julia, folder, packages_to_add(julia, folder, imports), report)


def _working_julia() -> Julia | None:
    try:
        return find_julia()
    except MissingTool:
        return None


def _python() -> Finding:
    return Finding("Python", "ok", f"{platform.python_version()} in {sys.prefix}")


def _processor() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    found = "cores" if cores > 1 else "core"
    if fast := bfloat16_features():
        return Finding("processor", "ok", f"{cores} {found}, fast bfloat16 ({', '.join(fast)})")
    return Finding("processor", "ok", f"{cores} {found}, no fast bfloat16: training runs in float32")


def bfloat16_features(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """The processor's instructions for bfloat16 products: of `amx_bf16` and `avx512_bf16`."""
    try:
        text = cpuinfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    lines = [line for line in text.splitlines() if line.startswith("flags")]
    flags = set(lines[0].split()) if lines else set()
    return [name for name in ("amx_bf16", "avx512_bf16") if name in flags]


def _memory() -> Finding:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):  # a container may have less than the machine
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    words = f"{total / _GIB:.1f} GiB"
    if total >= _MEMORY_NEEDED:
        return Finding("memory", "ok", words)
    how = "use a machine or a container with more, or a recipe with smaller batches"
    return Finding("memory", "missing", f"{words}, the quickstart wants {_MEMORY_NEEDED // _GIB}", how, False)


def _disk() -> Finding:
    folder = cache_folder()
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    words = f"{free / _GIB:.0f} GiB free for the cache, {folder}"
    if free >= _DISK_NEEDED:
        return Finding("disk", "ok", words)
    how = "free some space, or set SLINGSHOT_CACHE to a folder on a larger disk"
    return Finding("disk", "missing", f"{words}; {_DISK_NEEDED // _GIB} are wanted", how, False)


def _julia() -> Finding:
    try:
        julia = find_julia()
    except MissingTool as error:
        problem, _, how = str(error).rpartition(": ")
        return Finding("Julia", "broken" if "(" in problem else "missing", problem, how)
    return Finding("Julia", "ok", f"{julia.version}, {julia.origin}, {julia.executable}")


def _bubblewrap() -> Finding:
    try:
        return Finding("bubblewrap", "ok", str(find_bubblewrap()))
    except SlingshotError as error:
        problem, _, how = str(error).rpartition(": ")
        return Finding("bubblewrap", "missing" if isinstance(error, MissingTool) else "broken", problem, how)


def _packages(project: Path | None, suite: Path | None) -> Finding:
    julia = _working_julia()
    if julia is None:
        return Finding("Julia packages", "missing", "without Julia there are none", _FIX)
    folder = checked_project(julia, project)
    there, absent = packages_in(julia, folder), absent_packages(julia, folder)
    listed = [f"{name} {where}" for name, where in there.items()]
    words = f"{', '.join(['the standard library', *listed])}; project {folder}"
    if absent:
        words = f"{words}, which also names {', '.join(absent)}: not there"
        return Finding("Julia packages", "missing", words, _fix_command(project, suite), needed=False)
    return Finding("Julia packages", "ok", words)


def _imports(project: Path | None, suite: Path) -> Finding:
    """Whether the test cases of a suite can be judged: what they import can be loaded."""
    name = "suite's imports"
    test_cases = load_suite(suite)
    importing = _test_cases_by_package(test_cases)
    julia = _working_julia()
    if julia is None:
        return Finding(name, "missing", "without Julia nothing can be loaded", _FIX)
    lacking = packages_to_add(julia, checked_project(julia, project), importing)
    if not lacking:
        return Finding(name, "ok", f"all that its {len(test_cases)} test cases import can be loaded")
    words = "; ".join(f"{package}, for {', '.join(importing[package])}" for package in lacking)
    return Finding(name, "missing", words, _fix_command(project, suite))


def _test_cases_by_package(test_cases: list[TestCase]) -> dict[str, list[str]]:
    """The packages that test cases import, each with the names of those that do."""
    found: dict[str, list[str]] = {}
    for test_case in test_cases:
        for name in test_case.imports:
            found.setdefault(imported_package(name), []).append(test_case.name)
    return found


def _judge() -> Finding:
    """How answers are judged here, found out by the judge's own self-tests (some seconds)."""
    from slingshot.judge.julia.forking import server_mode

    julia = _working_julia()
    if julia is None:
        return Finding("judge", "missing", "without Julia nothing can be judged", _FIX)
    try:
        sandbox: Path | None = find_bubblewrap()
    except SlingshotError:
        sandbox = None
    try:
        mode = server_mode(julia, sandbox)
    except SlingshotError as error:
        return Finding("judge", "broken", str(error), "see Julia and bubblewrap above")
    where = "in bubblewrap" if sandbox else "outside any sandbox"
    failed = [f"{name}: {result}" for name, result in mode.checks.items() if result != "ok"]
    tests = f"{len(mode.checks) - len(failed)} of {len(mode.checks)} self-tests passed"
    return Finding("judge", "ok", "; ".join([f"{_SERVER_MODES[mode.name]}, {where}", tests, *failed]))


def _package(name: str) -> Finding:
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        how = "pip install 'slingshot[train]' (in a checkout: make setup)"
        return Finding(name, "missing", "only training, converting and serving need it", how, False)


def _wheel(wheel: PinnedWheel) -> Finding:
    name, archive = wheel.purpose, cached_wheel(wheel)
    if archive.exists() and sha256_of_file(archive) != wheel.sha256:
        return Finding(name, "broken", f"{archive} is damaged", _FIX)
    if is_unpacked(wheel):
        return Finding(name, "ok", str(unpacked_folder(wheel)))
    if archive.exists():
        return Finding(name, "ok", str(archive))
    return Finding(name, "missing", f"{wheel.name} {wheel.version}, {wheel.bytes / 1e6:.1f} MB", _FIX)
