"""What an answer can reach from inside the sandbox, and what stays of it afterwards: nothing."""

import os
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from slingshot.judge import Limits, judge
from slingshot.judge.sandbox import sandboxed
from slingshot.suite import bundled_suite


def julia_string(text: object) -> str:
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'


def processes_that_say(mark: str) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if mark in command and int(folder.name) != os.getpid():
            found.append(command)
    return found


def gone(mark: str) -> bool:
    """Whether no process says `mark` within two seconds: the kernel takes a moment."""
    deadline = time.monotonic() + 2
    while processes_that_say(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not processes_that_say(mark)


def test_files_of_the_user_cannot_be_read(tmp_path, judged):
    (tmp_path / "key").write_text("4")
    assert (tmp_path / "key").exists()
    code = f"double(x) = isfile({julia_string(tmp_path / 'key')}) ? 2x : 0"
    assert judged(code).unit_tests_passed == 0


@pytest.mark.parametrize("place", ["home", "suite", "tests", "harness"])
def test_nothing_that_an_answer_writes_stays(judged, place, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = {
        "home": tmp_path,
        "suite": bundled_suite(),
        "tests": Path(__file__).parent,
        "harness": bundled_suite().parent.parent / "judge" / "julia",
    }[place]
    before = sorted(folder.rglob("*"))
    target = julia_string(folder / "left_behind.txt")
    judged(
        f'double(x) = 2x\ntry mkpath(dirname({target})); write({target}, "x") catch end\nwrite({target}, "x")'
    )
    assert sorted(path for path in folder.rglob("*") if "__pycache__" not in path.parts) == [
        path for path in before if "__pycache__" not in path.parts
    ]


def test_the_harness_itself_is_read_only(judged):
    harness = bundled_suite().parent.parent / "judge" / "julia" / "harness.jl"
    content = harness.read_bytes()
    evaluation = judged(f'double(x) = 2x\nwrite({julia_string(harness)}, "")')
    assert harness.read_bytes() == content
    assert evaluation.failure == "load_error"


def test_tmp_is_private_and_empty_for_every_answer(judged):
    code = 'isempty(filter(!=("judge"), readdir("/tmp"))) || isfile("/tmp/mark") && error("not empty")\n'
    code += 'write("/tmp/mark", "x")\ndouble(x) = isfile("/tmp/mark") ? 2x : 0'
    assert judged(code).score == 100
    assert judged(code).score == 100
    assert not Path("/tmp/mark").exists()


def test_the_network_cannot_be_reached_not_even_this_machine(judged):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code = f'using Sockets\ndouble(x) = (close(connect("127.0.0.1", {port})); 2x)'
        evaluation = judged(code)
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert evaluation.unit_tests_passed == 0
    assert evaluation.executed


def test_the_listener_of_that_test_can_be_reached_without_a_sandbox(by, double):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code = f'using Sockets\nclose(connect("127.0.0.1", {port}))\ndouble(x) = 2x'
        assert judge(f"```julia\n{code}\n```", double, by=replace(by, bubblewrap=None)).score == 100
        listener.settimeout(5)
        listener.accept()[0].close()


@pytest.mark.parametrize("sandbox", ["bubblewrap", "none"])
def test_the_callers_environment_is_invisible(by, double, monkeypatch, sandbox):
    monkeypatch.setenv("SECRET_API_KEY", "sk-12345")
    code = 'double(x) = haskey(ENV, "SECRET_API_KEY") ? 0 : 2x'
    inside = by if sandbox == "bubblewrap" else replace(by, bubblewrap=None)
    assert judge(f"```julia\n{code}\n```", double, by=inside).score == 100


def test_processes_outside_are_invisible(judged):
    code = 'double(x) = count(name -> all(isdigit, name), readdir("/proc")) < 5 ? 2x : 0'
    assert judged(code).score == 100
    assert len([path for path in Path("/proc").iterdir() if path.name.isdigit()]) >= 5


def test_a_child_that_outlives_its_answer_is_killed_with_it(by, double):
    mark = f"86400.{os.getpid()}"
    code = f"run(`sleep {mark}`; wait = false)\ndouble(x) = 2x"
    evaluation = judge(f"```julia\n{code}\n```", double, by=by)
    assert evaluation.score == 100
    assert gone(mark)


@pytest.mark.parametrize("sandbox", ["bubblewrap", "none"])
@pytest.mark.parametrize("way", ["tiered", "cold"])
def test_at_the_deadline_children_are_killed_too(by, double, sandbox, way):
    mark = f"86401.{os.getpid()}"
    other = replace(
        by, limits=Limits(seconds=1), way=way, bubblewrap=by.bubblewrap if sandbox == "bubblewrap" else None
    )
    code = f"run(`sh -c 'sleep {mark} & sleep {mark}'`)\ndouble(x) = 2x"
    evaluation = judge(f"```julia\n{code}\n```", double, by=other)
    assert evaluation.failure == "timeout"
    assert gone(mark)


def test_a_file_cannot_grow_beyond_the_limit(by, double):
    small = replace(by, limits=Limits(file_bytes=1 << 20))
    code = 'double(x) = (write("/tmp/big", zeros(UInt8, 2 << 20)); 2x)'
    evaluation = judge(f"```julia\n{code}\n```", double, by=small)
    assert evaluation.unit_tests_passed == 0
    assert not evaluation.solved


def in_sandbox(by, script: str, readable=()) -> str:
    command = sandboxed(["/bin/sh", "-c", script], by.bubblewrap, list(readable))
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout


def test_only_what_is_listed_can_be_read(by, tmp_path):
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "a").write_text("a")
    (tmp_path / "hidden").write_text("b")
    script = f"cat {tmp_path}/shown/a; cat {tmp_path}/hidden; cat /etc/passwd; ls /tmp; ls /home"
    assert in_sandbox(by, script, [tmp_path / "shown"]).splitlines()[0] == f"a{tmp_path.parts[2]}"


@pytest.mark.parametrize("place", ["/", "/dev", "/dev/shm", "/usr", "/proc/sys/kernel"])
def test_nothing_but_tmp_can_be_written_to(by, place):
    script = f"for p in {place} /tmp; do echo x > $p/domainname_ 2>/dev/null && echo wrote to $p; done"
    assert in_sandbox(by, script) == "wrote to /tmp\n"


def test_tmp_is_small(by):
    script = "head -c 300000000 /dev/zero > /tmp/a; stat -c %s /tmp/a"
    assert int(in_sandbox(by, script)) <= 256 << 20


def test_there_are_no_capabilities_inside(by):
    sets = [line.split()[1] for line in in_sandbox(by, "grep ^Cap /proc/self/status").splitlines()]
    assert len(sets) == 5
    assert {int(value, 16) for value in sets} == {0}
