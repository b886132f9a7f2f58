"""Can this machine's Julia be forked? Found out by judging programs that stress what a fork may break.

Upstream does not support it, so nothing is taken for granted: a Julia whose children give one wrong verdict,
or do not end when they are told to, judges answers in processes of their own instead.
"""

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from slingshot.errors import SlingshotError
from slingshot.files import cache_folder, sha256_of_file, sha256_of_text, write_json
from slingshot.judge.findings import read_findings
from slingshot.judge.julia.locate import Julia
from slingshot.judge.julia.server import HarnessError, Request, Server, Tier
from slingshot.judge.sandbox import Limits


class ServerMode(NamedTuple):
    """How Julia can run answers here, and what each check of the self-test found (`ok`, or what went wrong).

    `tiered`: forked children interpret, and compile what the interpreter did not finish; `interpreted`:
    forked children interpret, the rest is compiled by processes of their own; `cold`: a process an answer.
    """

    name: Literal["tiered", "interpreted", "cold"]
    checks: dict[str, str]


_QUESTION = Request(
    name="answer",
    programs=(),
    examples=("answer()",),
    unit_tests=("@test answer() == 42",),
    reference="answer() = 42",
    limits=Limits(memory_bytes=1 << 30),
)

# Programs that are right if what their name says works in a forked child.
_RIGHT = {
    "plain code": "answer() = 42",
    "exceptions": '@noinline thrower(n) = n > 0 ? error("thrown") : n\n'
    'answer() = try thrower(3) catch error; error.msg == "thrown" ? 42 : 0 end',
    "new types and methods": "struct Answer{T} value::T end\nBase.:+(a::Answer, b::Answer) = Answer(a.value + b.value)\n"
    "answer() = (Answer(40.5) + Answer(1.5)).value",
    "garbage collection": "answer() = (for _ in 1:20 v = [string(i) for i in 1:2000] end; GC.gc(); 42)",
    "tasks, channels and timers": "function answer()\n    channel = Channel{Int}(1)\n    @async (sleep(0.01); put!(channel, 42))\n"
    "    take!(channel)\nend",
    "other programs": "answer() = parse(Int, read(`echo 42`, String))",
    "files": 'answer() = (write("a", "42"); parse(Int, read("a", String)))',
    "standard library": "using Dates, LinearAlgebra, Printf, Statistics, Random\n"
    'answer() = Int(round(mean([41, 43]) + det([1.0 0; 0 1]) - 1)) + parse(Int, @sprintf("%d", 0)) + 0Dates.value(Day(1))',
    "deep recursion": "deep(n) = n == 0 ? 42 : deep(n - 1)\nanswer() = deep(2000)",
}
# What must end badly, and how: the next answer must be judged right all the same.
_ENDS_BADLY = {
    "endless loop": ("answer() = while true end", "deadline"),
    "exit": ("answer() = exit(3)", "exit"),
    "crash": ("answer() = ccall(:abort, Cvoid, ())", "signal"),
}


def server_mode(julia: Julia, bubblewrap: Path | None) -> ServerMode:
    """How answers can be judged here; a result that was found before is remembered in the cache.

    The self-test takes some ten seconds.
    """
    memory = cache_folder() / "judge-selftests" / f"{_fingerprint(julia, bubblewrap)}.json"
    with suppress(OSError, ValueError, KeyError):
        known = json.loads(memory.read_text(encoding="utf-8"))
        if known["name"] in get_args(ServerMode.__annotations__["name"]):
            return ServerMode(known["name"], known["checks"])
    found = try_server(julia, bubblewrap)
    if found.name != "cold":  # a passing trouble must not be remembered for good
        with suppress(SlingshotError):
            write_json(memory, found._asdict())
    return found


def try_server(julia: Julia, bubblewrap: Path | None) -> ServerMode:
    """Start a fork server and try it in both tiers."""
    checks: dict[str, str] = {}
    tiers: list[Tier] = ["interpreted", "compiled"]
    tier = tiers[0]
    try:
        with Server(julia, bubblewrap, julia.environment(), []) as server:
            server.rehearse(replace(_QUESTION, tier="compiled", programs=[_QUESTION.reference]))
            for tier in tiers:
                checks |= {f"{name}, {tier}": _try(server, tier, code) for name, code in _RIGHT.items()}
                for name, (code, ended) in _ENDS_BADLY.items():
                    checks[f"{name}, {tier}"] = _try_badly(server, tier, code, ended)
    except HarnessError as error:
        checks[f"server, {tier}"] = str(error)
    failed = {name.rpartition(", ")[2] for name, found in checks.items() if found != "ok"}
    if "interpreted" in failed:
        return ServerMode("cold", checks)
    return ServerMode("interpreted" if "compiled" in failed else "tiered", checks)


def _try(server: Server, tier: Tier, code: str) -> str:
    """Judge a right program."""
    reply = server.judge(replace(_QUESTION, tier=tier, programs=[code]))
    findings = read_findings(reply.output, reply.secret)
    if reply.odd:
        return reply.odd
    if findings.done and findings.passed["unit_test"] and findings.passed["example"]:
        return "ok"
    return findings.detail or f"ended by {reply.ended} {reply.number}"


def _try_badly(server: Server, tier: Tier, code: str, ended: str) -> str:
    """Judge a program that ends badly, and then a right one."""
    reply = server.judge(replace(_QUESTION, tier=tier, programs=[code], seconds=0.5))
    if reply.ended != ended:
        return f"ended by {reply.ended} {reply.number}"
    return reply.odd or _try(server, tier, _QUESTION.reference)


def _fingerprint(julia: Julia, bubblewrap: Path | None) -> str:
    """A name for this Julia with this harness in this sandbox, as they are now."""
    found = julia.executable.stat()
    harness = sorted(Path(__file__).parent.glob("*.jl"))
    parts = [
        str(julia.executable),
        str(found.st_mtime_ns),
        str(bubblewrap),
        *map(str, julia.linker_path),
        *map(sha256_of_file, [*harness, Path(__file__), Path(__file__).with_name("server.py")]),
    ]
    return sha256_of_text("\0".join(parts))[:24]
