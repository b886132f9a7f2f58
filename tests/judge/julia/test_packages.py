"""Julia projects for answers: what can be loaded in them, adding to them, and loading inside the sandbox.

Real Julia, its own package manager, and small real packages: `Greeter`, `Shouter` that needs it, and
`Counter` in a registry of this test's own. No test reaches the network.
"""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from slingshot.errors import MissingTool, RequestError, SlingshotError
from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.judge.julia.install import Julia, find_julia
from slingshot.judge.julia.packages import (
    JUDGE_FLAGS,
    absent_packages,
    add_packages,
    checked_project,
    default_project,
    develop_package,
    install_packages,
    packages_in,
    packages_to_add,
    precompile_packages,
    project_environment,
    readable_folders,
    standard_libraries,
)
from slingshot.judge.sandbox import sandboxed

GREETER = "3f5a7f52-7d3e-4d0c-9f8e-2a1b6c0d9e11"
SHOUTER = "7c1d3b9e-52f4-4b7a-8a7e-9b2f6a4c8d22"
COUNTER = "a54c2f1e-0b7d-4d5e-9a51-3f6a7b8c9d33"

# Commits the folder ARGS[1] and prints the hash of its tree, which is how a registry names a version.
COMMIT = """
using LibGit2
repository = LibGit2.init(ARGS[1])
LibGit2.add!(repository, "Project.toml", "src")
me = LibGit2.Signature("me", "me@example.org")
LibGit2.commit(repository, "first"; author = me, committer = me)
print(LibGit2.GitHash(LibGit2.GitTree(repository, "HEAD^{tree}")))
"""


@pytest.fixture(scope="module")
def julia() -> Julia:
    return find_julia()


@pytest.fixture
def cache(tmp_path, monkeypatch, julia) -> Path:
    """An empty cache, and a user whose settings say nothing of Julia."""
    for name in ("JULIA_DEPOT_PATH", "JULIA_LOAD_PATH", "JULIA_PKG_SERVER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def package(folder: Path, name: str, uuid: str, code: str, needs: str = "") -> Path:
    """A Julia package in a folder of its own."""
    (folder / name / "src").mkdir(parents=True)
    deps = f"\n[deps]\n{needs}\n" if needs else ""
    project = f'name = "{name}"\nuuid = "{uuid}"\nversion = "0.2.1"\n{deps}'
    (folder / name / "Project.toml").write_text(project)
    (folder / name / "src" / f"{name}.jl").write_text(f"module {name}\n{code}\nend\n")
    return folder / name


@pytest.fixture
def greeter(tmp_path) -> Path:
    return package(tmp_path, "Greeter", GREETER, 'greet(name) = "hello $name"')


@pytest.fixture
def shouter(tmp_path) -> Path:
    code = "import Greeter\nshout(name) = uppercase(Greeter.greet(name))"
    return package(tmp_path, "Shouter", SHOUTER, code, f'Greeter = "{GREETER}"')


@pytest.fixture(scope="module")
def local_registry(tmp_path_factory, julia) -> Path:
    """A registry that knows one package, `Counter`, at version 0.2.1."""
    folder = tmp_path_factory.mktemp("registry")
    counter = package(folder, "Counter", COUNTER, "count(text) = length(text)")
    tree = run(julia, COMMIT, counter)
    files = {
        "Registry.toml": f"""
            name = "Local"
            uuid = "b1e7a1a4-5a0c-4d9c-8d35-6d2c1f0e4a44"
            repo = "none"
            [packages]
            {COUNTER} = {{ name = "Counter", path = "Counter" }}""",
        "Counter/Package.toml": f'name = "Counter"\nuuid = "{COUNTER}"\nrepo = "{counter}"',
        "Counter/Versions.toml": f'["0.2.1"]\ngit-tree-sha1 = "{tree}"',
    }
    for name, text in files.items():
        (folder / "Local" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "Local" / name).write_text(text)
    return folder / "Local"


@pytest.fixture
def registry(cache, local_registry) -> Path:
    """The same in Slingshot's depot, as if it had been fetched."""
    return copytree(local_registry, cache / "julia-depot" / "registries" / "Local")


@pytest.fixture(scope="module")
def made(tmp_path_factory, julia, local_registry) -> Path:
    """A project that somebody added `Counter` to; beside it, in `depot`, what was downloaded for it."""
    folder = tmp_path_factory.mktemp("made")
    copytree(local_registry, folder / "julia-depot" / "registries" / "Local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLINGSHOT_CACHE", str(folder))
        add_packages(julia, folder / "project", ["Counter"])
    (folder / "julia-depot").rename(folder / "depot")
    return folder / "project"


def run(julia: Julia, code: str, *arguments: object) -> str:
    command = [julia.executable, "--startup-file=no", "-e", code, *arguments]
    return subprocess.run(command, env=julia.environment(), capture_output=True, text=True, check=True).stdout


def in_sandbox(julia: Julia, project: Path, code: str) -> list[str]:
    """What code prints inside the sandbox, for each way in which a Julia that judges is started."""
    environment = julia.environment() | project_environment(julia, project)
    readable = [*julia.roots, *readable_folders(julia, project)]
    printed = []
    for flags in JUDGE_FLAGS:
        command = [str(julia.executable), "--startup-file=no", *flags, "-e", code]
        command = sandboxed(command, find_bubblewrap(), readable)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        printed.append(done.stdout or done.stderr)
    return printed


# What can be loaded


def test_at_first_there_is_the_standard_library_alone(julia, cache):
    project = default_project(julia)
    assert project.parent == cache
    assert packages_in(julia, project) == {}
    assert readable_folders(julia, project) == []
    assert {"Dates", "LinearAlgebra", "Statistics", "Test"} <= set(standard_libraries(julia))
    assert in_sandbox(julia, project, "using Statistics; print(mean([1, 2, 3]))") == ["2.0", "2.0"]


def test_only_what_cannot_be_loaded_must_be_added(julia, cache):
    imports = ["Base.Threads", "Dates", "Statistics: mean", "DataFrames", "CSV: File", "DataFrames"]
    assert packages_to_add(julia, default_project(julia), imports) == ["CSV", "DataFrames"]


def test_packages_in_folders_load_in_the_sandbox_without_network(julia, cache, tmp_path, greeter, shouter):
    project, said = default_project(julia), list[str]()
    develop_package(julia, project, greeter, said.append)
    develop_package(julia, project, shouter, said.append)
    assert packages_in(julia, project) == {"Greeter": str(greeter), "Shouter": str(shouter)}
    assert said[0] == f"adding Greeter from {greeter}"
    assert in_sandbox(julia, project, 'using Shouter; print(Shouter.shout("you"))') == ["HELLO YOU"] * 2
    # Nothing but the packages, their caches and the project is shown, and nothing went to the home.
    assert {path.name for path in readable_folders(julia, project)} == {
        *("Greeter", "Shouter", "compiled", "Project.toml", "Manifest.toml")
    }
    assert not (tmp_path / "home").exists()


def test_a_changed_package_is_compiled_again(julia, cache, greeter):
    project = default_project(julia)
    develop_package(julia, project, greeter)
    source = greeter / "src" / "Greeter.jl"
    source.write_text(source.read_text().replace("hello", "good morning"))
    precompile_packages(julia, project)
    assert (
        in_sandbox(julia, project, 'using Greeter; print(Greeter.greet("you"))') == ["good morning you"] * 2
    )


def test_a_package_that_cannot_be_loaded_is_named(julia, cache, greeter):
    (greeter / "src" / "Greeter.jl").write_text("module Greeter\nnonsense()\nend\n")
    with pytest.raises(SlingshotError, match="cannot load Greeter in the project .*nonsense not defined"):
        develop_package(julia, default_project(julia), greeter)


def test_what_a_package_needs_must_come_first(julia, registry, shouter):
    with pytest.raises(MissingTool, match="needs the package Greeter, .*: add Greeter first, then Shouter"):
        develop_package(julia, default_project(julia), shouter)


def test_a_folder_that_is_no_package_is_refused(julia, cache, tmp_path):
    with pytest.raises(RequestError, match="is no Julia package: a package has a Project.toml"):
        develop_package(julia, default_project(julia), tmp_path)


# The package manager


def test_a_registered_package_is_added_and_loads_in_the_sandbox(julia, registry):
    project = default_project(julia)
    add_packages(julia, project, ["Counter"])
    assert packages_in(julia, project) == {"Counter": "0.2.1"}
    assert in_sandbox(julia, project, 'using Counter; print(Counter.count("four"))') == ["4", "4"]


def test_a_name_in_no_registry_is_said(julia, registry):
    with pytest.raises(SlingshotError, match="Contour could not be added .*correct the name"):
        add_packages(julia, default_project(julia), ["Contour"])


def test_a_project_made_elsewhere_is_completed(julia, registry, made):
    before = {path.name: path.read_text() for path in made.iterdir()}
    assert packages_in(julia, made) == {}
    assert absent_packages(julia, made) == ["Counter"]
    install_packages(julia, made)
    assert packages_in(julia, made) == {"Counter": "0.2.1"}
    assert before == {path.name: path.read_text() for path in made.iterdir()}


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_without_a_network_the_error_says_what_to_do(julia, cache, tmp_path):
    alone = f'exec {find_bubblewrap()} --dev-bind / / --unshare-net {julia.executable} "$@"'
    offline = replace(julia, executable=script(tmp_path / "julia", alone))
    with pytest.raises(MissingTool, match="no package server or registry can be reached .*JULIA_PKG_SERVER"):
        add_packages(offline, default_project(julia), ["Counter"])
    assert packages_in(julia, default_project(julia)) == {}


def test_the_package_manager_gets_the_network_settings_and_no_keys(julia, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("JULIA_PKG_SERVER", "https://packages.example.org")
    monkeypatch.setenv("https_proxy", "http://proxy.example.org:8080")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    spy = replace(julia, executable=script(tmp_path / "julia", f"env > {tmp_path}/seen; exit 3"))
    with pytest.raises(SlingshotError, match="exit code 3"):
        add_packages(spy, default_project(julia), ["Counter"])
    seen = (tmp_path / "seen").read_text().splitlines()
    assert "JULIA_PKG_SERVER=https://packages.example.org" in seen
    assert "https_proxy=http://proxy.example.org:8080" in seen
    assert not any("OFFLINE" in line or "secret" in line for line in seen)


# Somebody's own project


MANIFESTS = {
    "of Julia 1.6 and older": '[[Greeter]]\npath = "../Greeter"\nuuid = "{0}"\nversion = "0.2.1"\n',
    "of later versions": 'julia_version = "1.10.4"\nmanifest_format = "2.0"\n\n[deps]\n[[deps.Greeter]]\n'
    'path = "../Greeter"\nuuid = "{0}"\nversion = "0.2.1"\n',
}


@pytest.fixture
def project(tmp_path) -> Callable[[str, str], Path]:
    """Makes a project that names one package, and has a manifest."""

    def make(deps: str, manifest: str, name: str = "Manifest.toml") -> Path:
        folder = tmp_path / "project"
        folder.mkdir()
        (folder / "Project.toml").write_text(f"[deps]\n{deps}\n")
        (folder / name).write_text(manifest)
        return folder

    return make


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=list(MANIFESTS))
def test_manifests_of_both_forms_are_read(julia, cache, project, greeter, manifest):
    folder = project(f'Greeter = "{GREETER}"', manifest.format(GREETER))
    assert checked_project(julia, folder) == folder
    assert packages_in(julia, folder) == {"Greeter": str(greeter)}
    assert readable_folders(julia, folder) == [
        greeter,
        folder / "Manifest.toml",
        folder / "Project.toml",
    ]


def test_the_manifest_for_this_version_of_julia_is_the_one_that_counts(julia, cache, project, greeter):
    minor = ".".join(julia.version.split(".")[:2])
    named = MANIFESTS["of later versions"].format(GREETER)
    folder = project(f'Greeter = "{GREETER}"', named, f"Manifest-v{minor}.toml")
    (folder / "Manifest.toml").write_text("")
    assert packages_in(julia, folder) == {"Greeter": str(greeter)}


def test_a_package_of_the_same_name_is_another_package(julia, cache, project, greeter):
    folder = project(f'Greeter = "{SHOUTER}"', MANIFESTS["of Julia 1.6 and older"].format(GREETER))
    assert packages_in(julia, folder) == {}
    assert absent_packages(julia, folder) == ["Greeter"]


def test_a_package_is_a_project_too(julia, cache, greeter):
    assert packages_in(julia, greeter) == {"Greeter": str(greeter)}
    assert readable_folders(julia, greeter) == [greeter]


def test_the_owners_depot_is_read_and_not_written_and_its_tokens_stay_hidden(julia, cache, made, tmp_path):
    theirs = tmp_path / "home" / ".julia"
    (theirs / "servers" / "packages.example.org").mkdir(parents=True)
    copytree(made.parent / "depot" / "packages", theirs / "packages")
    precompile_packages(julia, made)
    assert in_sandbox(julia, made, 'using Counter; print(Counter.count("two"))') == ["3", "3"]
    assert {path.name for path in theirs.iterdir()} == {"packages", "servers"}
    in_theirs = [path for path in readable_folders(julia, made) if path.is_relative_to(theirs)]
    assert in_theirs == [theirs / "packages"]
    # Slingshot's own project has nothing to do with it.
    assert str(theirs) not in project_environment(julia, default_project(julia))["JULIA_DEPOT_PATH"]


def test_a_folder_that_is_no_project_is_refused(julia, cache, tmp_path):
    with pytest.raises(RequestError, match="is no Julia project: it has no Project.toml"):
        checked_project(julia, tmp_path)


def test_a_damaged_file_is_named(julia, cache, project):
    folder = project("Greeter = ", "")
    with pytest.raises(RequestError, match=r"Project.toml: not valid TOML: .*line 2"):
        packages_in(julia, folder)
