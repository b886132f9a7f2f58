"""How many answers a second one core judges: Julia started for each, and the warm fork server.

The programs are the bundled suite's solutions with their examples and unit tests. Every way of running takes
its turn in each round; a figure is the median over the rounds. Starting a server and rehearsing its test cases
is measured apart. Run it with `.venv/bin/python benchmarks/judging.py [--json]`.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.judge.findings import read_findings
from slingshot.judge.julia.install import Julia, find_julia
from slingshot.judge.julia.server import Request, Server
from slingshot.suite import bundled_suite, load_suite

COLD = {"cold": [], "cold_interpreted": ["-O0", "--compile=min"]}


def requests() -> list[Request]:
    """Every bundled solution as a request, one test case after the other in turns."""
    found = [
        Request(
            name=case.name,
            programs=[code],
            examples=case.examples,
            unit_tests=case.unit_tests,
            imports=case.imports,
            reference=case.reference_solution,
        )
        for case in load_suite(bundled_suite())
        for code in case.solutions().values()
    ]
    return sorted(found, key=lambda request: str(hash(request.programs[0])))


def script(request: Request) -> str:
    """The request as a script that everybody would run: the program, its examples, its unit tests."""
    imports = [f"using {name}" for name in ("Test", *request.imports)]
    return "\n".join([*imports, *request.programs, *request.examples, *request.unit_tests])


def cold_seconds(work: Sequence[Request], julia: Julia, flags: Sequence[str], folder: Path) -> float:
    """Seconds for one Julia process after the other."""
    path = folder / "program.jl"
    start = time.perf_counter()
    for request in work:
        path.write_text(script(request), encoding="utf-8")
        command = [str(julia.executable), "--startup-file=no", *flags, str(path)]
        subprocess.run(command, env=julia.environment(), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def server_seconds(work: Sequence[Request], server: Server) -> float:
    """Seconds for a warm server, one answer after the other; all of them are right."""
    start = time.perf_counter()
    for request in work:
        reply = server.judge(request)
        found = read_findings(reply.output, reply.secret)
        if len(found.passed["unit_test"]) != len(request.unit_tests):
            raise SystemExit(f"{request.name}: a solution fails: {found.detail}")
    return time.perf_counter() - start


def side_by_side(work: Sequence[Request], servers: Sequence[Server]) -> float:
    """Seconds for all servers at once, each with its share of the work."""
    threads = [
        threading.Thread(target=server_seconds, args=(work[place :: len(servers)], server))
        for place, server in enumerate(servers)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def measure(rounds: int, cold_programs: int, report: Callable[[str], None]) -> dict[str, float]:
    """Answers per second and core for every way, and their ratios."""
    julia, bubblewrap = find_julia(), find_bubblewrap()
    work = requests()
    speeds: dict[str, list[float]] = defaultdict(list)
    report("starting three servers")
    start = time.perf_counter()
    servers = [Server(julia, sandbox, julia.environment(), []) for sandbox in (None, bubblewrap, bubblewrap)]
    try:
        for server in servers:
            for request in {request.name: request for request in work}.values():
                server.rehearse(request)
        ready = (time.perf_counter() - start) / len(servers)
        plain, *sandboxed = servers
        for number in range(rounds):
            some = [work[(number * cold_programs + place) % len(work)] for place in range(cold_programs)]
            with tempfile.TemporaryDirectory() as folder:
                for way, flags in COLD.items():
                    speeds[way].append(cold_programs / cold_seconds(some, julia, flags, Path(folder)))
            speeds["plain"].append(len(work) / server_seconds(work, plain))
            speeds["sandboxed"].append(len(work) / server_seconds(work, sandboxed[0]))
            compiled = [Request(**{**vars(request), "tier": "compiled"}) for request in some]
            speeds["sandboxed_compiled"].append(len(some) / server_seconds(compiled, sandboxed[0]))
            speeds["two_workers"].append(len(work) / side_by_side(work, sandboxed))
            report(", ".join(f"{way} {found[-1]:.1f}/s" for way, found in speeds.items()))
    finally:
        for server in servers:
            server.stop()
    median = {way: statistics.median(found) for way, found in speeds.items()}
    ratios = [fast / slow for fast, slow in zip(speeds["sandboxed"], speeds["cold"], strict=True)]
    pairs = [two / one for two, one in zip(speeds["two_workers"], speeds["sandboxed"], strict=True)]
    return {
        "cold_per_second_per_core": median["cold"],
        "cold_interpreted_per_second_per_core": median["cold_interpreted"],
        "plain_per_second_per_core": median["plain"],
        "sandboxed_per_second_per_core": median["sandboxed"],
        "sandboxed_compiled_per_second_per_core": median["sandboxed_compiled"],
        "two_workers_per_second": median["two_workers"],
        "ratio_to_cold": statistics.median(ratios),
        "two_workers_to_one": statistics.median(pairs),
        "server_start_seconds": ready,
        "programs": len(work),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--rounds", type=int, default=5, help="turns that every way of running takes")
    parser.add_argument("--cold-programs", type=int, default=8, help="programs run cold in each round")
    options = parser.parse_args()
    found = measure(options.rounds, options.cold_programs, lambda line: print(line, file=sys.stderr))
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in found.items()}))
        return
    for name, value in found.items():
        print(f"{name.replace('_', ' '):>42}  {value:.2f}")


if __name__ == "__main__":
    main()
