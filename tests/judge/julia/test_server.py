"""The warm Julia: what it says can be trusted, what an answer leaves behind is gone, and it does not wear out."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from slingshot.judge import Submission
from slingshot.judge.findings import read_findings
from slingshot.judge.julia.server import Request, Server, ServerLost
from slingshot.judge.julia.worker import Worker

RIGHT = "double(x) = 2x"


@pytest.fixture(scope="module")
def request_of(double):
    """A request for a program that is to double numbers."""

    def make(code: str, **more) -> Request:
        return Request(
            name="double",
            programs=[code],
            examples=double.examples,
            unit_tests=double.unit_tests,
            reference=RIGHT,
            **more,
        )

    return make


@pytest.fixture(scope="module")
def server(by):
    with Server(by.julia, by.bubblewrap, by.julia.environment(), []) as server:
        yield server


def passed(reply) -> int:
    return len(read_findings(reply.output, reply.secret).passed["unit_test"])


def inside(server) -> list[int]:
    """The numbers of Julia's processes below the sandbox's, outermost first."""

    def below(parent: int) -> list[int]:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                words = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(words[1]) == parent:
                found += [int(stat.parent.name), *below(int(stat.parent.name))]
        return found

    return below(server._process.pid)


def resident(pid: int) -> int:
    """KiB of memory that a process has."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.parametrize("tier", ["interpreted", "compiled"])
def test_each_tier_judges_and_the_next_answer_is_not_harmed(server, request_of, tier):
    for code, unit_tests in (
        (RIGHT, 4),
        ("double(x) = 0", 0),
        ("exit()", 0),
        ("double(x) = (", 0),
        (RIGHT, 4),
    ):
        assert passed(server.judge(request_of(code, tier=tier))) == unit_tests


@pytest.mark.parametrize(
    ("code", "ended", "number"),
    [
        ("while true end", "deadline", 0),
        ("sleep(60)", "deadline", 0),
        ("exit(7)", "exit", 7),
        ("ccall(:abort, Cvoid, ())", "signal", signal.SIGABRT),
        ("ccall(:kill, Cint, (Cint, Cint), getpid(), 9)", "signal", signal.SIGKILL),
    ],
)
def test_it_says_how_a_child_ended(server, request_of, code, ended, number):
    start = time.monotonic()
    # Julia takes its time to abort, and on a busy machine half a second would be a deadline for it too.
    reply = server.judge(request_of(code, seconds=0.5 if ended == "deadline" else 8))
    assert (reply.ended, reply.number, reply.odd) == (ended, number, "")
    assert time.monotonic() - start < 8


def test_answers_know_neither_secret_nor_seal_of_others(server, request_of):
    secrets = {server.judge(request_of(RIGHT)).secret for _ in range(3)}
    assert len(secrets) == 3
    assert all(len(secret) == 32 for secret in secrets)


def test_random_numbers_are_the_same_every_time(server, request_of):
    code = "const drawn = rand(1:10^9, 3)\ndouble(x) = 2x\nerror(string(drawn))"
    found = {read_findings(server.judge(request_of(code)).output, b"").detail for _ in range(2)}
    details = {
        read_findings(reply.output, reply.secret).detail
        for reply in (server.judge(request_of(code, tier=tier)) for tier in ("interpreted", "compiled"))
    }
    assert len(details) == 1
    assert found == {""}, "without the secret nothing can be read"


def test_a_server_that_dies_is_reported_and_not_believed(by, request_of):
    with Server(by.julia, by.bubblewrap, by.julia.environment(), []) as server:
        assert passed(server.judge(request_of(RIGHT))) == 4
        os.kill(inside(server)[-1], signal.SIGKILL)
        with pytest.raises(ServerLost):
            server.judge(request_of(RIGHT))


def test_nothing_is_left_when_a_server_stops(by, request_of):
    with Server(by.julia, by.bubblewrap, by.julia.environment(), []) as server:
        server.judge(request_of(RIGHT))
        pids = inside(server)
        assert pids
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize("target", ["parent", "everybody"])
def test_an_answer_cannot_end_or_stop_its_server(server, request_of, number, target):
    pid = "ccall(:getppid, Cint, ())" if target == "parent" else "-1"
    code = f"ccall(:kill, Cint, (Cint, Cint), {pid}, {number:d})\n{RIGHT}"
    julia = inside(server)[-1]
    assert passed(server.judge(request_of(code))) == 4
    assert passed(server.judge(request_of(RIGHT))) == 4
    assert inside(server)[-1] == julia


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGSEGV])
def test_where_an_answer_does_end_its_server_the_next_is_judged_by_another(by, double, number):
    code = f"ccall(:kill, Cint, (Cint, Cint), ccall(:getppid, Cint, ()), {number:d})\n{RIGHT}"
    with Worker(replace(by, way="tiered")) as worker:
        worker.judge(Submission(f"```julia\n{code}\n```", double))
        assert worker.judge(Submission(f"```julia\n{RIGHT}\n```", double)).score == 100


def test_servers_are_replaced_in_time(by, double, monkeypatch):
    monkeypatch.setattr("slingshot.judge.julia.worker._ANSWERS_PER_SERVER", 2)
    with Worker(replace(by, way="tiered")) as worker:
        scores = [
            worker.judge(Submission(f"```julia\n{RIGHT} # {number}\n```", double)).score
            for number in range(5)
        ]
    assert scores == [100] * 5


def test_hundreds_of_answers_leave_the_server_as_it_was(server, request_of):
    """`SLINGSHOT_SOAK` says how many, 200 by default."""
    codes = [
        RIGHT,
        "double(x) = x",
        "x = [rand(1000) for _ in 1:100]\ndouble(x) = 2x",
        'write("/tmp/left", "x")\nmkpath("/tmp/a/b")',
        "run(`sleep 100`; wait = false)\ndouble(x) = 2x",
        "double(x) = (",
        "exit()",
    ]
    for code in codes * 40:  # until its memory has settled
        server.judge(request_of(code))
    (*_, julia) = inside(server)
    before, files = resident(julia), len(list(Path(f"/proc/{julia}/fd").iterdir()))
    for number in range(int(os.environ.get("SLINGSHOT_SOAK", "200"))):
        reply = server.judge(request_of(codes[number % len(codes)]))
        assert reply.odd == ""
        assert reply.ended == "exit"
    assert inside(server)[-1] == julia, "no child is left, and it is the same server"
    assert resident(julia) < before + 20_000
    assert len(list(Path(f"/proc/{julia}/fd").iterdir())) == files
