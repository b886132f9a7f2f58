"""Why an answer judged again got other points than are recorded: a guess by rule, first rule that fits."""

import re
from collections.abc import Collection

from slingshot.judge import Evaluation, Judge, extract_code
from slingshot.judge.judge import eras
from slingshot.recordings.answers import RecordedAnswer

# What comes with every Julia, so that importing it says nothing.
_WITH_EVERY_JULIA = """
ArgTools Artifacts Base Base64 CRC32c Core Dates DelimitedFiles Distributed Downloads FileWatching Future
InteractiveUtils LazyArtifacts LibCURL LibGit2 Libdl LinearAlgebra Logging Main Markdown Mmap NetworkOptions
Pkg Printf Profile REPL Random SHA Serialization SharedArrays Sockets SparseArrays Statistics SuiteSparse
TOML Tar Test UUIDs Unicode
"""
STANDARD_LIBRARY = frozenset(_WITH_EVERY_JULIA.split())

# Names that answers use and older versions lack, with the version that brought them: an UndefVarError.
_NEWER_NAMES = {
    "@spawn": (1, 6),  # exported from Base.Threads only since then
    "cispi": (1, 6),
    "insorted": (1, 6),
    "sincospi": (1, 6),
    "@atomic": (1, 7),
    "@coalesce": (1, 7),
    "@something": (1, 7),
    "Returns": (1, 7),
    "current_exceptions": (1, 7),
    "ismutabletype": (1, 7),
    "keepat!": (1, 7),
    "redirect_stdio": (1, 7),
    "allequal": (1, 8),
    "chopprefix": (1, 8),
    "chopsuffix": (1, 8),
    "eachsplit": (1, 8),
    "pkgversion": (1, 9),
    "splat": (1, 9),
    "stack": (1, 9),
    "tanpi": (1, 10),
    "Lockable": (1, 11),
    "eachrsplit": (1, 11),
    "logrange": (1, 11),
}
# Functions that older versions have, but not for these arguments: a MethodError.
_NEWER_METHODS = {
    "first": (1, 6),  # of a collection, a number of elements
    "last": (1, 6),
    "reverse": (1, 6),  # with dims = :
    "sum": (1, 6),  # with init
    "prod": (1, 6),
    "maximum": (1, 6),
    "minimum": (1, 6),
    "count": (1, 6),
    "argmax": (1, 7),  # of a function
    "argmin": (1, 7),
    "findmax": (1, 7),
    "findmin": (1, 7),
    "range": (1, 7),  # with two plain arguments
    "replace": (1, 7),  # in a string, several pairs
    "allunique": (1, 11),  # of a function
}
_UNDEFINED = re.compile(r"UndefVarError: `?(@?[\w!]+)`? not defined")
_NO_METHOD = re.compile(r"no method matching (?:\w+\.)*#?`?([\w!]+?)(?:##kw)?`?\(")
_NOT_INSTALLED = re.compile(
    r"Package \w+ not found|cannot load the package|does not have \w+ in its dependencies"
)
_IMPORT = re.compile(r"^[ \t]*(?:using|import)[ \t]+([^#:\n]+)", re.MULTILINE)
_CHANCE = re.compile(r"\b(?:rand\w*|shuffle!?|now|today|time|time_ns)\s*\(")


def cause_of_difference(
    answer: RecordedAnswer, found: Evaluation, by: Judge, installed: Collection[str] = ()
) -> str:
    """Name the likeliest cause.

    Args:
        answer: what is recorded.
        found: the evaluation of today.
        by: today's judge.
        installed: packages beyond the standard library that its Julia can load.

    Returns:
        `timeout`, `memory` and `crashed`: how judging ended. `quoting`: quotes in the code, or in the test
        case, that the leaderboard stumbled over and this judge does not. `parser`: it parses there or here,
        not both. `package not installed here`, `function newer than this Julia`, `piracy`, `random or time
        dependent`: what the code does. `other`: none of these.
    """
    recorded, code = answer.evaluation or {}, extract_code(answer.conversation.answer)
    if found.failure in ("timeout", "memory", "crashed"):
        return found.failure
    if by.mode == "default" and _lost_to_quotes(answer, found, code):
        return "quoting"
    if found.parsed != recorded["parsed"]:
        return "parser"
    if _NOT_INSTALLED.search(found.detail) or _imports(code) - STANDARD_LIBRARY - set(installed):
        return "package not installed here"
    major, minor = by.julia.version.split(".")[:2]
    if _is_newer(found.detail, (int(major), int(minor))):
        return "function newer than this Julia"
    if found.piracy:
        return "piracy"
    if _CHANCE.search(code):
        return "random or time dependent"
    return "other"


def _lost_to_quotes(answer: RecordedAnswer, found: Evaluation, code: str) -> bool:
    """Whether the answer does better today, and has what the leaderboard's quoting could not put into quotes.

    The leaderboard put the code between triple quotes, and until August 2024 each example and unit test too.
    """
    recorded, case = answer.evaluation or {}, answer.test_case
    if found.parsed and not recorded["parsed"]:
        return '"""' in code or code.rstrip().endswith('"')
    better = any(getattr(found, key) > recorded[key] for key in ("unit_tests_passed", "examples_executed"))
    unquotable = any('"""' in piece or piece.endswith('"') for piece in (*case.examples, *case.unit_tests))
    return better and eras(answer.recorded_on)[0] and unquotable


def _imports(code: str) -> set[str]:
    """The packages that a program's `using` and `import` lines name, modules of its own left out."""
    packages = set()
    for names in _IMPORT.findall(code):
        for name in names.split(","):
            package = name.split(" as ")[0].strip().split(".")[0]  # empty for `using .Mine`
            if package.isidentifier() and not re.search(rf"\bmodule\s+{package}\b", code):
                packages.add(package)
    return packages


def _is_newer(detail: str, julia: tuple[int, int]) -> bool:
    """Whether an error's message names a function, or a method of one, that later Julias have."""
    undefined, method = _UNDEFINED.search(detail), _NO_METHOD.search(detail)
    return bool(
        (undefined and _NEWER_NAMES.get(undefined[1], julia) > julia)
        or (method and _NEWER_METHODS.get(method[1], julia) > julia)
    )
