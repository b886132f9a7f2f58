"""The Julia packages that answers may use: a project, the folder where packages live, and adding to both.

A *project* is a folder with a `Project.toml`, which names packages, and a `Manifest.toml`, which says where
each of them and all they need is found. A *depot* is where Julia keeps the packages themselves and their
compiled caches. Slingshot has a project and a depot of its own in the cache, so that nobody's `~/.julia` is
read or written; somebody's own project, named with `--julia-project`, also gets to see its owner's depots.

Inside the sandbox nothing can be written, so every package's compiled cache is made here, beforehand.
"""

import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from slingshot.commands import run_captured
from slingshot.errors import MissingTool, RequestError, SlingshotError
from slingshot.files import cache_folder, write_text
from slingshot.judge.julia.locate import Julia

# What a Julia that judges is started with. Newer versions keep a compiled cache for each kind of start.
JUDGE_FLAGS = (("-O0", "--compile=min"), ("-O1",))

_ALWAYS_THERE = ("Base", "Core", "Main")
_NEEDED_OF_A_DEPOT = ("packages", "artifacts", "compiled")  # its logs and access tokens stay outside
_PROJECT_NAMES = ("JuliaProject.toml", "Project.toml")
_PREFERENCES = ("JuliaLocalPreferences.toml", "LocalPreferences.toml")
# Large packages take long to download, and longer to compile.
_SECONDS = 3600.0

_ADD = "import Pkg; Pkg.add([Pkg.PackageSpec(name = name) for name in ARGS])"
_DEVELOP = "import Pkg; Pkg.develop([Pkg.PackageSpec(path = folder) for folder in ARGS])"
_INSTANTIATE = "import Pkg; Pkg.instantiate()"
_LOAD = "foreach(name -> Core.eval(Main, :(import $(Symbol(name)))), ARGS)"

# A registry with nothing in it. Where Julia finds none at all, it wants to fetch one before it does anything.
_EMPTY_REGISTRY = """name = "Empty"
uuid = "5d2f7c0a-3f0f-4c53-9d57-1a7f2f0c6b11"
repo = "none"

[packages]
"""
_UNREACHED = re.compile(
    r"failed to (clone|fetch|resolve)|could not (download|resolve host)|unable to .*download|timed? ?out"
    r"|connection (refused|reset)|network is unreachable|RequestError|Class:(Net|OS|SSL|HTTP)",
    re.IGNORECASE,
)
_UNKNOWN_DEPENDENCY = re.compile(
    r"Unsatisfiable requirements detected for package (\w+)|expected package `?(\w+)[^`]*`? to be registered"
)
# Of the caller's variables, those that say how the network is reached. Keys for other services are not among them.
_NETWORK_VARIABLES = re.compile(r"(http|https|all|no)_proxy|JULIA_(PKG|SSL)_\w+|SSL_CERT_\w+", re.IGNORECASE)


def default_project(julia: Julia) -> Path:
    """Slingshot's own project for this Julia, in the cache; it need not be there before a package is added."""
    return cache_folder().absolute() / f"julia-project-{julia.version}"


def checked_project(julia: Julia, project: Path | None) -> Path:
    """The project to judge in: the one that was asked for, as an absolute path, else Slingshot's own.

    Raises:
        RequestError: the folder that was asked for is no Julia project.
    """
    if project is None:
        return default_project(julia)
    if _project_file(project) is None:
        raise RequestError(
            f"{project} is no Julia project: it has no Project.toml; name a folder that has one"
            " (an empty file is enough to begin with)"
        )
    return project.absolute()


def project_environment(julia: Julia, project: Path) -> dict[str, str]:
    """What a Julia process needs in its environment, beside `julia.environment()`, to run in a project.

    It then loads the project's packages and the standard library, and nothing from elsewhere.
    """
    return {
        "JULIA_PROJECT": str(project.absolute()),
        "JULIA_LOAD_PATH": "@:@stdlib",
        "JULIA_DEPOT_PATH": ":".join(map(str, _depots(julia, project))),
    }


def readable_folders(julia: Julia, project: Path) -> list[Path]:
    """The folders and files, none inside another, that a sandbox must show read-only beside `julia.roots`.

    They are the project's own files (all of its folder if it is a package itself), the packages with their
    compiled caches, and the folders of packages that were added by path.

    Raises:
        RequestError: the project's files are no valid TOML.
    """
    project = project.absolute()
    content = _read_project(project)
    if "uuid" in content:
        wanted = {project}
    else:
        named = (project / name for name in (*_PROJECT_NAMES, *_PREFERENCES))
        wanted = {path for path in (*named, _manifest_file(julia, project)) if path and path.is_file()}
    wanted |= {depot / name for depot in _depots(julia, project)[:-2] for name in _NEEDED_OF_A_DEPOT}
    for entries in _manifest(julia, project).values():
        wanted |= {Path(entry["path"]) for entry in entries if "path" in entry}
    there = {path for path in wanted if path.exists()}
    return sorted(path for path in there if not any(other in path.parents for other in there))


def standard_libraries(julia: Julia) -> list[str]:
    """The names of the packages that come with Julia, sorted."""
    minor = ".".join(julia.version.split(".")[:2])
    folder = julia.bindir.parent / "share" / "julia" / "stdlib" / f"v{minor}"
    return sorted(path.parent.name for path in folder.glob("*/Project.toml"))


def packages_in(julia: Julia, project: Path) -> dict[str, str]:
    """The packages, beside the standard library, that can be loaded in a project: name to version or path.

    Only those that the project names: what these need in turn cannot be loaded by name. A package whose
    files are not there is left out; that its files are of the right version is found out by loading it.

    Raises:
        RequestError: the project's files are no valid TOML.
    """
    return {name: where for name, where in _named_packages(julia, project).items() if where}


def absent_packages(julia: Julia, project: Path) -> list[str]:
    """The packages that a project names but whose files are not there, sorted; see `packages_in`."""
    return sorted(name for name, where in _named_packages(julia, project).items() if not where)


def imported_package(name: str) -> str:
    """The package that an import of a test case loads: `Base` of `Base.Threads`, `Dates` of `Dates: Day`."""
    return re.split(r"[.:\s]", name.strip())[0]


def packages_to_add(julia: Julia, project: Path, imports: Iterable[str]) -> list[str]:
    """Of what test cases import, the packages that cannot be loaded in a project, sorted.

    Raises:
        RequestError: the project's files are no valid TOML.
    """
    names = {imported_package(name) for name in imports} - {""}
    there = {*_ALWAYS_THERE, *standard_libraries(julia), *packages_in(julia, project)}
    return sorted(names - there)


def add_packages(
    julia: Julia, project: Path, names: Sequence[str], report: Callable[[str], None] = lambda line: None
) -> None:
    """Add registered packages to a project with Julia's package manager, and compile them.

    The network is reached as the caller's environment says: `JULIA_PKG_SERVER`, proxies, certificates. What
    is downloaded goes to Slingshot's own depot.

    Args:
        julia: the Julia to add them for.
        project: the project's folder; it is made if it is not there.
        names: their names in a registry.
        report: called with one line for each thing that is done.

    Raises:
        MissingTool: no package server or registry could be reached.
        SlingshotError: a name is in no registry, no versions fit together, or one cannot be loaded.
    """
    if not names:
        return
    listed = ", ".join(names)
    report(f"adding {listed} with Julia's package manager (large packages take minutes)")
    problem = _run(julia, _ADD, names, _online_environment(julia, project))
    if problem:
        raise _failed_add(f"{listed} could not be added to the Julia project {project}", problem)
    precompile_packages(julia, project, report)


def install_packages(julia: Julia, project: Path, report: Callable[[str], None] = lambda line: None) -> None:
    """Download the packages that a project names but that are not there, and compile all it names.

    Raises:
        MissingTool: no package server or registry could be reached.
        SlingshotError: they could not be had for another reason, or one cannot be loaded.
    """
    absent = absent_packages(julia, project)
    if absent:
        listed = ", ".join(absent)
        report(f"downloading {listed} with Julia's package manager (large packages take minutes)")
        problem = _run(julia, _INSTANTIATE, [], _online_environment(julia, project))
        if problem:
            raise _failed_add(f"{listed}, which {project} names, could not be downloaded", problem)
    precompile_packages(julia, project, report)


def develop_package(
    julia: Julia, project: Path, folder: Path, report: Callable[[str], None] = lambda line: None
) -> None:
    """Add a package that lies in a folder of this machine, and compile it; no network is needed.

    The folder is not copied: after a change there the package is compiled again by `precompile_packages`.
    Packages in folders that this one needs must be added before it.

    Raises:
        RequestError: the folder is no Julia package.
        MissingTool: the package needs others that are not there, and no registry could be reached.
        SlingshotError: it could not be added for another reason, or cannot be loaded.
    """
    folder = folder.absolute()
    name = _read_project(folder).get("name")
    if not name or not (folder / "src" / f"{name}.jl").is_file():
        raise RequestError(
            f"{folder} is no Julia package: a package has a Project.toml with a name and a uuid, and"
            f" src/{name or 'NAME'}.jl"
        )
    report(f"adding {name} from {folder}")
    problem = _develop_offline(julia, project, folder)
    if needs := _UNKNOWN_DEPENDENCY.search(problem):
        # It may be in a registry: only now is the network asked.
        if _run(julia, _DEVELOP, [str(folder)], _online_environment(julia, project)):
            needed = needs[1] or needs[2]
            raise MissingTool(
                f"{name} in {folder} needs the package {needed}, which is not in the Julia project {project}"
                f" and could not be found in a registry: add {needed} first, then {name}"
            )
    elif problem:
        raise SlingshotError(
            f"{name} in {folder} could not be added to the Julia project {project} ({problem}):"
            f" correct {folder / 'Project.toml'}"
        )
    precompile_packages(julia, project, report)


def precompile_packages(
    julia: Julia,
    project: Path,
    report: Callable[[str], None] = lambda line: None,
) -> None:
    """Load every package that a project names once under each of the start flags of a Julia that judges.

    Julia writes the compiled caches that are lacking or older than the package's files; what is up to date
    costs its loading time. A project without packages costs nothing.

    Raises:
        SlingshotError: a package cannot be loaded.
    """
    if not (names := list(packages_in(julia, project))):
        return
    report(f"compiling and loading {', '.join(names)}")
    environment = julia.environment() | project_environment(julia, project)
    for kind in JUDGE_FLAGS:
        problem = _run(julia, _LOAD, names, environment, kind)
        if not problem:
            continue
        culprit = ", ".join(names)
        for name in names:  # one by one, to say which
            if alone := _run(julia, _LOAD, [name], environment, kind):
                culprit, problem = name, alone
                break
        raise SlingshotError(
            f"Julia {julia.version} cannot load {culprit} in the project {project} ({problem}):"
            " add a version that works with this Julia, or remove it from the project"
        )


def _run(
    julia: Julia,
    code: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    flags: Sequence[str] = (),
) -> str:
    """Run Julia code that sees `arguments` as ARGS; empty if it ended well, else what went wrong."""
    command = [str(julia.executable), "--startup-file=no", "--history-file=no", "--color=no", *flags]
    try:
        done = run_captured([*command, "-e", code, "--", *arguments], _SECONDS, environment)
    except subprocess.TimeoutExpired:
        return f"timed out after {_SECONDS:.0f} seconds"
    return _error_message(done.stderr) or f"exit code {done.returncode}" if done.returncode else ""


def _error_message(stderr: str) -> str:
    """The first error that Julia printed, on one line, without the stack trace."""
    found = re.search(r"^ERROR: (?:LoadError: )*(.*?)(?:^Stacktrace:|^in expression|\Z)", stderr, re.M | re.S)
    return " ".join(found[1].split())[:300] if found else ""


def _failed_add(what: str, problem: str) -> SlingshotError:
    """The error for a package manager that gave up: one for a machine without network, one for the rest."""
    if _UNREACHED.search(problem):
        return MissingTool(
            f"{what}: no package server or registry can be reached ({problem}); connect this machine, set"
            " JULIA_PKG_SERVER to a server that it reaches, or name a project that has the packages with"
            " --julia-project"
        )
    return SlingshotError(
        f"{what} ({problem}): correct the name, or name a project that has the packages with --julia-project"
    )


def _online_environment(julia: Julia, project: Path) -> dict[str, str]:
    """The environment of a package manager that may use the network."""
    environment = julia.environment() | project_environment(julia, project)
    for name in ("JULIA_PKG_OFFLINE", "JULIA_PKG_SERVER"):
        del environment[name]
    network = {name: value for name, value in os.environ.items() if _NETWORK_VARIABLES.fullmatch(name)}
    return environment | network


def _develop_offline(julia: Julia, project: Path, folder: Path) -> str:
    """Add a package's folder without any network; what went wrong, or nothing."""
    environment = julia.environment() | project_environment(julia, project)
    with tempfile.TemporaryDirectory() as extra_depot:
        write_text(Path(extra_depot) / "registries" / "Empty" / "Registry.toml", _EMPTY_REGISTRY)
        environment["JULIA_DEPOT_PATH"] += f":{extra_depot}"
        return _run(julia, _DEVELOP, [str(folder)], environment)


def _depots(julia: Julia, project: Path) -> list[Path]:
    """Where packages and caches are looked for: Slingshot's own first, the two that come with Julia last.

    The first is the only one that is written to. Those of the user come in between, but not for Slingshot's
    own project.
    """
    own = cache_folder().absolute() / "julia-depot"
    theirs: list[Path] = []
    if project.absolute() != default_project(julia):
        named = os.environ.get("JULIA_DEPOT_PATH", "").split(":")
        theirs = [Path(name).expanduser() for name in named if name] or [Path.home() / ".julia"]
    share = [julia.bindir.parent / "local" / "share" / "julia", julia.bindir.parent / "share" / "julia"]
    return [own, *(depot for depot in theirs if depot.is_dir() and depot not in share), *share]


def _named_packages(julia: Julia, project: Path) -> dict[str, str]:
    """The packages that a project names: name to version or path, or to nothing if the files are not there."""
    project = project.absolute()
    content = _read_project(project)
    manifest = _manifest(julia, project)
    standard = set(standard_libraries(julia))
    found = {content["name"]: str(project)} if "name" in content and "uuid" in content else {}
    for name, uuid in sorted(content.get("deps", {}).items()):
        entry = next((entry for entry in manifest.get(name, []) if entry.get("uuid") == uuid), {})
        if path := entry.get("path"):
            found[name] = path if Path(path).is_dir() else ""
        elif "git-tree-sha1" in entry:
            folders = (depot / "packages" / name for depot in _depots(julia, project))
            found[name] = entry.get("version", "") if any(map(Path.is_dir, folders)) else ""
        elif name not in standard:
            found[name] = ""
    return found


def _project_file(project: Path) -> Path | None:
    return next((project / name for name in _PROJECT_NAMES if (project / name).is_file()), None)


def _read_project(project: Path) -> dict[str, Any]:
    """What a project's file says; empty if there is none."""
    file = _project_file(project)
    return _read_toml(file) if file else {}


def _manifest_file(julia: Julia, project: Path) -> Path | None:
    """The manifest that this Julia reads for a project: the one the project names, or by Julia's order of names."""
    if named := _read_project(project).get("manifest"):
        return project / str(named)
    minor = ".".join(julia.version.split(".")[:2])
    names = (f"JuliaManifest-v{minor}.toml", f"Manifest-v{minor}.toml", "JuliaManifest.toml", "Manifest.toml")
    return next((project / name for name in names if (project / name).is_file()), None)


def _manifest(julia: Julia, project: Path) -> dict[str, list[dict[str, Any]]]:
    """A manifest's entries by the package's name, several if packages share a name; paths are absolute."""
    file = _manifest_file(julia, project)
    if file is None or not file.is_file():
        return {}
    content = _read_toml(file)
    # Julia 1.6 and older write the entries at the top, later versions below `deps`.
    entries = content.get("deps", {}) if "manifest_format" in content else content
    return {
        name: [
            entry | ({"path": os.path.normpath(file.parent / entry["path"])} if "path" in entry else {})
            for entry in several
        ]
        for name, several in entries.items()
        if isinstance(several, list)
    }


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{file}: not valid TOML: {error}; correct or remove it") from None
    except OSError as error:
        raise RequestError(f"{file} cannot be read: {error.strerror}") from None
