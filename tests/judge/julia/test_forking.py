"""The self-test that decides how Julia runs answers, and what happens where it does not pass."""

from dataclasses import replace

import pytest

from slingshot.judge import judge_many
from slingshot.judge.julia.forking import server_mode, try_server

ANSWERS = [
    "double(x) = 2x",
    "double(x) = x",
    "double(x) = (",
    "error()",
    "double(x) = x == 3 ? deep(50_000) : 2x",
]


def test_this_machines_julia_can_be_forked(by):
    mode = try_server(by.julia, by.bubblewrap)
    assert mode.name == "tiered"
    assert set(mode.checks.values()) == {"ok"}
    assert len(mode.checks) > 20


def test_a_julia_that_cannot_serve_judges_in_processes_of_its_own(by, tmp_path, monkeypatch):
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path))
    broken = tmp_path / "julia"
    # It answers one program as Julia does, and ends when it is to serve.
    broken.write_text(f'#!/bin/sh\ncase "$*" in *serve*) exit 1;; esac\nexec {by.julia.executable} "$@"\n')
    broken.chmod(0o755)
    julia = replace(by.julia, executable=broken)
    mode = server_mode(julia, None)
    assert mode.name == "cold"
    assert "server, interpreted" in mode.checks
    assert not list(tmp_path.rglob("*.json")), "a passing trouble is not remembered"


def test_what_was_found_is_remembered(by, tmp_path, monkeypatch):
    first = server_mode(by.julia, by.bubblewrap)
    monkeypatch.setattr("slingshot.judge.julia.forking.try_server", lambda *_: pytest.fail("tried again"))
    assert server_mode(by.julia, by.bubblewrap) == first


@pytest.mark.parametrize("sandbox", ["bubblewrap", "none"])
def test_every_way_gives_the_same_verdicts(by, double, sandbox):
    by = by if sandbox == "bubblewrap" else replace(by, bubblewrap=None)
    work = [(f"```julia\n{code}\n```", double) for code in ANSWERS]
    found = {}
    for way in ("tiered", "interpreted", "cold"):
        verdicts = dict(judge_many(work, replace(by, way=way), jobs=2))
        found[way] = [replace(verdicts[index], seconds=0.0) for index in range(len(work))]
    assert found["tiered"] == found["interpreted"] == found["cold"]
    assert [evaluation.score for evaluation in found["cold"]] == [100, 75, 0, 25, 93.75]
