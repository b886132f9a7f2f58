"""Which constructs of Julia a suite uses, and since which version of Julia there are such constructs.

`python -m slingshot.suite_constructs > docs/suite-constructs.md` writes the page for the bundled suite.
"""

import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from slingshot.errors import SlingshotError
from slingshot.judge.julia.install import find_julia
from slingshot.judge.julia.locate import Julia
from slingshot.suite import TestCase, bundled_suite, load_suite, with_variants

_SCRIPT = Path(str(files("slingshot"))) / "suite_constructs.jl"
_SECONDS = 240  # to look through the programs of a whole suite, on a busy machine

# Forms that came after Julia 1.0; no text in a documentation string says so of syntax.
_NEWER_FORMS = {
    "a[begin]": ("1.4", ""),
    "f(; y) for f(; y = y)": ("1.5", ""),
    "occursin(text) as a function": ("1.6", "the judge adds it to older versions"),
    "replace with several pairs": (
        "1.0",
        "of collections; of texts since 1.7, and the judge adds it to older versions",
    ),
}

# What gives other results in other versions: streams of random numbers, hashes, printed forms, the clock.
_VARYING = (
    "rand",
    "randn",
    "randperm",
    "shuffle",
    "hash",
    "objectid",
    "repr",
    "dump",
    "showerror",
    "typeof",
    "now",
    "time",
)


@dataclass
class Construct:
    """Something of Julia that programs use.

    Attributes:
        name: of a function, type, value or macro, or a form of the syntax.
        kind: `name`, `macro` or `form`.
        owner: the module that has it, such as `Base`; empty for a form.
        since: the version of Julia that brought it, such as `1.4`; `1.0` if nothing says otherwise.
        notes: what its documentation says of later versions.
        right, wrong, tests: how many right programs, wrong programs, and test cases' and variants' examples and
            unit tests taken together use it.
    """

    name: str
    kind: str
    owner: str = ""
    since: str = "1.0"
    notes: list[str] = field(default_factory=list)
    right: int = 0
    wrong: int = 0
    tests: int = 0


@dataclass(frozen=True)
class Constructs:
    """What a suite uses: every construct, what no Julia of this version knows, and who looked at how much."""

    julia: str
    found: Sequence[Construct]
    unknown: Sequence[str]
    programs: dict[str, int]


@dataclass(frozen=True)
class _Source:
    """A piece of a suite: whose it is, what it is (`right`, `wrong` or `tests`), its code, what it may rely on."""

    form: str
    role: str
    label: str
    code: str
    imports: Sequence[str]


def constructs_of(suite: Sequence[TestCase], julia: Julia | None = None) -> Constructs:
    """Look through all programs, examples and unit tests of a suite and of its variants.

    Names count as known if Julia itself has them, without what the judge adds to old versions.

    Raises:
        SlingshotError: Julia could not read a program.
    """
    julia = julia or find_julia()
    sources = [source for form in with_variants(suite) for source in _sources(form)]
    triples = _looked_at(sources, julia)
    found: dict[tuple[str, str], Construct] = {}
    defined: dict[str, set[str]] = defaultdict(set)
    unknown: list[tuple[_Source, str]] = []
    for key, kind, name in triples:
        if not key.isdigit():
            for construct in (found.get(("name", key)), found.get(("macro", key))):
                if construct and kind == "note":
                    construct.notes.append(name)
                elif construct:
                    setattr(construct, kind, name)
            continue
        source = sources[int(key) - 1]
        if kind == "fault":
            raise SlingshotError(
                f"{source.form}: {source.label}: Julia {julia.version} cannot read it: {name}"
            )
        if kind == "defined":
            if source.label == "reference_solution":
                defined[source.form].add(name)
        elif kind == "unknown":
            unknown.append((source, name))
        else:
            construct = found.setdefault((kind, name), Construct(name, kind))
            setattr(construct, source.role, getattr(construct, source.role) + 1)
    for (kind, name), construct in found.items():
        if kind == "form" and name in _NEWER_FORMS:
            construct.since, note = _NEWER_FORMS[name]
            construct.notes = [note] if note else []
    return Constructs(
        julia.version,
        sorted(found.values(), key=lambda one: (one.kind, one.owner, one.name.lower(), one.name)),
        [
            f"{source.form}: {source.label}: {name}"
            for source, name in unknown
            if source.role != "tests" or name not in defined[source.form]
        ],
        {role: sum(source.role == role for source in sources) for role in ("right", "wrong", "tests")},
    )


def _sources(form: TestCase) -> Iterator[_Source]:
    if form.variant_kind != "paraphrase":  # whose programs are the plain form's
        tests = "\n".join([*form.examples, *form.unit_tests])
        yield _Source(form.name, "right", "reference_solution", form.reference_solution, ())
        yield _Source(form.name, "tests", "examples and unit tests", tests, form.imports)
    for role, folder, programs in (
        ("right", "solutions", form.solutions()),
        ("wrong", "wrong", form.wrong_programs()),
    ):
        for name, code in programs.items():
            yield _Source(form.name, role, f"{folder}/{name}.jl", code, form.imports)


def _looked_at(sources: Sequence[_Source], julia: Julia) -> list[tuple[str, str, str]]:
    """What the script writes, in threes."""
    command = [str(julia.executable), "--startup-file=no", "-O0", str(_SCRIPT)]
    text = "".join(f"{' '.join(source.imports)}\0{source.code}\0" for source in sources)
    try:
        done = subprocess.run(
            command, input=text.encode(), env=julia.environment(), capture_output=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise SlingshotError(f"Julia did not look through the suite within {_SECONDS} s; try again") from None
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip()[:600]
        raise SlingshotError(f"Julia did not look through the suite: {told}")
    fields = done.stdout.decode().split("\0")
    return list(zip(fields[0:-1:3], fields[1::3], fields[2::3], strict=True))


def constructs_page(found: Constructs) -> str:
    """docs/suite-constructs.md."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Constructs) -> Iterator[str]:
    counts = found.programs
    yield "# Constructs of Julia in the bundled suite"
    yield ""
    yield (
        f"What the {counts['right']} right and {counts['wrong']} wrong programs of the bundled suite and its variants"
        f" use, and the examples and unit tests of {counts['tests']} test cases and variants, as Julia {found.julia}"
        " reads them."
    )
    yield ""
    unknown = "; ".join(found.unknown) if found.unknown else "none"
    yield (
        f"Names that Julia {found.julia} does not know, without what the judge adds to old versions: {unknown}. So nothing"
        " is used that came later. What a later version changed in something that it kept is not written down in this"
        " one; the notes say what had changed until then. That all programs run and score what they should is what"
        " `slingshot suite validate` shows."
    )
    yield ""
    yield (
        "*Since* is what Julia's documentation strings say of the name itself, 1.0 where they say nothing; *notes* are"
        " what they say of single methods, arguments or uses, whether a program needs them or not. The numbers say how"
        " many programs use a construct: right ones (reference solutions, those of variants, further solutions), wrong"
        " ones, and test cases and variants in their examples or unit tests."
    )
    yield from ("", "## By version", "", "| since | constructs | those after 1.0 |", "|---|--:|---|")
    versions = {one.since for one in found.found}
    for version in sorted(versions, key=lambda text: [int(part) for part in text.split(".")]):
        those = [one.name for one in found.found if one.since == version]
        yield f"| {version} | {len(those)} | {'' if version == '1.0' else ', '.join(map(_code, those))} |"
    used = [one.name for one in found.found if one.name in _VARYING and one.right + one.tests]
    yield ""
    yield (
        f"Results that differ between versions come from {', '.join(map(_code, _VARYING))}. Of these, right programs or"
        f" tests name {', '.join(map(_code, used)) if used else 'none'}."
    )
    for kind, title in (("form", "Forms"), ("macro", "Macros")):
        yield from _table(title, [one for one in found.found if one.kind == kind])
    known = [one for one in found.found if one.kind == "name"]
    for owner, group in groupby(known, key=lambda one: one.owner):
        yield from _table(f"Names of {owner}", list(group))


def _table(title: str, found: Sequence[Construct]) -> Iterator[str]:
    yield from (
        "",
        f"## {title}",
        "",
        "| construct | since | right | wrong | tests | notes |",
        "|---|---|--:|--:|--:|---|",
    )
    for one in found:
        notes = " ".join(dict.fromkeys(one.notes)).replace("|", "\\|")
        yield f"| {_code(one.name)} | {one.since} | {one.right} | {one.wrong} | {one.tests} | {notes} |"


def _code(name: str) -> str:
    return f"`{name}`".replace("|", "\\|")


if __name__ == "__main__":
    print(constructs_page(constructs_of(load_suite(bundled_suite()))), end="")
