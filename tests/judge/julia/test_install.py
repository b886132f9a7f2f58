"""Finding and installing Julia, with the real one of this machine behind every wrapper and archive."""

import hashlib
import io
import json
import os
import shlex
import signal
import subprocess
import sys
import tarfile
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from slingshot.errors import MissingTool, SlingshotError
from slingshot.judge.julia.debian import Source, closure, configured_sources
from slingshot.judge.julia.install import find_julia, install_official_julia, newest_build
from slingshot.judge.julia.locate import OFFICIAL_PREFIX, Julia


@pytest.fixture(scope="module")
def real() -> Julia:
    return find_julia()


@pytest.fixture
def cache(tmp_path, monkeypatch, real):
    """An empty cache, and a PATH without any Julia."""
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SLINGSHOT_JULIA", raising=False)
    folders = [folder for folder in os.environ["PATH"].split(":") if not (Path(folder) / "julia").exists()]
    monkeypatch.setenv("PATH", ":".join(f for f in folders if not (Path(f) / "juliaup").exists()))
    return tmp_path / "cache"


def wrapper(real: Julia, log: Path | None = None) -> str:
    """A shell script that runs the real Julia, and notes each run in `log`."""
    linker_path = ":".join(map(str, real.linker_path))
    lines = ["#!/bin/sh"]
    if log:
        lines.append(f"echo run >> {shlex.quote(str(log))}")
    if linker_path:
        lines.append(f"export LD_LIBRARY_PATH={shlex.quote(linker_path)}")
    lines.append(f'exec {shlex.quote(str(real.executable))} "$@"')
    return "\n".join(lines) + "\n"


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    return path


def test_what_is_found_runs_with_its_environment_alone(real):
    code = 'try error("thrown") catch e; print(e.msg, " ", Threads.nthreads()) end'
    command = [real.executable, "--startup-file=no", "-e", code]
    done = subprocess.run(command, env=real.environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "thrown 1"


def test_the_environment_holds_no_secrets(real, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert "secret" not in real.environment().values()


def test_the_roots_are_all_that_a_sandbox_must_show(real):
    command = ["bwrap", "--unshare-all"]
    for folder in ("/usr", "/bin", "/lib", "/lib64"):
        command += ["--ro-bind-try", folder, folder]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for root in real.roots:
        command += ["--ro-bind", str(root), str(root)]
    code = "using LinearAlgebra, Test, Dates; print(round(Int, det([2.0 1.0; 1.0 2.0])))"
    command += [str(real.executable), "--startup-file=no", "-e", code]
    done = subprocess.run(command, env=real.environment(), capture_output=True, text=True, check=False)
    assert done.stdout == "3", done.stderr


def test_the_self_test_is_remembered_until_the_program_changes(cache, real, tmp_path, monkeypatch):
    log = tmp_path / "runs"
    chosen = program(tmp_path / "bin" / "julia", wrapper(real, log))
    monkeypatch.setenv("SLINGSHOT_JULIA", str(chosen))
    first = find_julia()
    assert (first.version, first.origin) == (real.version, "$SLINGSHOT_JULIA")
    assert find_julia() == first
    assert log.read_text().count("run") == 1
    program(chosen, wrapper(real, log) + "# changed\n")
    find_julia()
    assert log.read_text().count("run") == 2


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("kill -SEGV $$", "crashes in its self-test (SIGSEGV)"),
        ("exit 139", "crashes in its self-test (SIGSEGV)"),
        ("echo version 1.4.2; exit 1", "is Julia 1.4.2, older than 1.5"),
        ("echo 'ERROR: no such package' >&2; exit 1", "fails its self-test: ERROR: no such package"),
        ("exit 0", "fails its self-test: exit code 0"),
    ],
)
def test_a_julia_that_does_not_work_is_refused_with_the_reason(cache, tmp_path, monkeypatch, script, why):
    broken = program(tmp_path / "bin" / "julia", f"#!/bin/sh\n{script}\n")
    monkeypatch.setenv("SLINGSHOT_JULIA", str(broken))
    with pytest.raises(MissingTool) as caught:
        find_julia()
    assert f"({broken} {why})" in str(caught.value)
    assert "SLINGSHOT_JULIA" in str(caught.value)


def test_after_a_crashing_system_julia_the_next_one_is_tried(cache, real, tmp_path, monkeypatch):
    program(tmp_path / "bin" / "julia", "#!/bin/sh\nkill -SEGV $$\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    with pytest.raises(
        MissingTool, match=r"^no working Julia 1.5 or newer \(.*SIGSEGV\)\): run `slingshot doctor --fix`$"
    ):
        find_julia()
    program(cache / f"{OFFICIAL_PREFIX}9.9.9" / "bin" / "julia", wrapper(real))
    assert find_julia().origin == "official build"


def test_no_julia_at_all_is_one_sentence(cache):
    with pytest.raises(MissingTool, match=r"^no working Julia 1.5 or newer: run `slingshot doctor --fix`$"):
        find_julia()


@pytest.fixture
def server(tmp_path):
    """A loopback download server over a folder; yields the folder and its address."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def do_GET(self):
            if "stall" in self.path:
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                self.wfile.write(b"x" * 1000)
                self.wfile.flush()
                (folder / "stalled").touch()
                time.sleep(3)
            else:
                super().do_GET()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as http:
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def publish(
    folder: Path, address: str, script: str, sha256: str | None = None, name: str = "julia.tar.gz"
) -> str:
    """Put a release of one file on the server; the address of its list of releases."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("julia-9.9.9/bin/julia")
        member.size, member.mode = len(script.encode()), 0o755
        archive.addfile(member, io.BytesIO(script.encode()))
    (folder / name).write_bytes(buffer.getvalue())
    digest = sha256 or hashlib.sha256(buffer.getvalue()).hexdigest()
    files = [
        {
            "triplet": f"{machine}-{system}",
            "kind": "archive",
            "url": f"{address}/{name}",
            "sha256": digest,
            "size": 9,
        }
        for machine in ("x86_64", "aarch64")
        for system in ("linux-gnu", "apple-darwin14")
    ]
    (folder / "versions.json").write_text(json.dumps({"9.9.9": {"stable": True, "files": files}}))
    return f"{address}/versions.json"


def test_the_official_build_is_downloaded_checked_and_found(cache, real, server):
    address = publish(*server, wrapper(real))
    said: list[str] = []
    julia = install_official_julia(said.append, address)
    assert (julia.version, julia.origin) == (real.version, "official build")
    assert find_julia() == julia
    assert (cache / f"{OFFICIAL_PREFIX}9.9.9" / "bin" / "julia").exists()
    assert not list(cache.glob(".partial-*"))
    assert "downloading Julia 9.9.9 (0 MB)" in said


def test_a_broken_installation_is_replaced(cache, real, server):
    left = program(cache / f"{OFFICIAL_PREFIX}9.9.9" / "bin" / "julia", "#!/bin/sh\nexit 1\n")
    install_official_julia(lambda line: None, publish(*server, wrapper(real)))
    assert left.read_text() == wrapper(real)


@pytest.mark.parametrize(
    ("script", "sha256", "why"),
    [
        ("exit 0", "0" * 64, "came with SHA-256"),
        ("#!/bin/sh\nexit 3\n", None, "fails its self-test: exit code 3"),
    ],
)
def test_a_build_that_is_not_right_leaves_nothing(cache, server, script, sha256, why):
    with pytest.raises(SlingshotError, match=why):
        install_official_julia(lambda line: None, publish(*server, script, sha256))
    assert list(cache.iterdir()) == []


def test_a_server_that_is_not_there_is_said_at_once(cache):
    start = time.monotonic()
    with pytest.raises(SlingshotError, match="cannot be read"):
        install_official_julia(lambda line: None, "http://127.0.0.1:9/versions.json")
    assert time.monotonic() - start < 6


def test_a_killed_installation_is_never_used(cache, server):
    folder, address = server
    listing = publish(folder, address, "exit 0", name="stall.tar.gz")
    code = "import sys; from slingshot.judge.julia.install import install_official_julia as i; i(print, sys.argv[1])"
    process = subprocess.Popen([sys.executable, "-c", code, listing], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while not (folder / "stalled").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(cache.glob(".partial-*"))
    assert not list(cache.glob(f"{OFFICIAL_PREFIX}*"))
    with pytest.raises(MissingTool):
        find_julia()


def test_the_newest_stable_release_for_this_machine_is_chosen():
    def release(stable: bool, *triplets: str) -> dict[str, object]:
        kinds = [{"triplet": t, "kind": "archive", "url": f"{t}.tar.gz", "sha256": "0"} for t in triplets]
        return {"stable": stable, "files": kinds}

    releases = {
        "1.9.4": release(True, "x86_64-linux-gnu", "aarch64-linux-gnu"),
        "1.10.2": release(True, "x86_64-linux-gnu", "x86_64-linux-musl", "aarch64-apple-darwin14"),
        "1.11.0-rc1": release(False, "x86_64-linux-gnu"),
    }
    assert newest_build(releases, "linux", "x86_64") == ("1.10.2", releases["1.10.2"]["files"][0])
    assert newest_build(releases, "linux", "aarch64")[0] == "1.9.4"
    assert newest_build(releases, "darwin", "arm64")[1]["triplet"] == "aarch64-apple-darwin14"
    with pytest.raises(SlingshotError, match="no official build of Julia for riscv64 on linux"):
        newest_build(releases, "linux", "riscv64")


def test_both_forms_of_apt_sources_are_read(tmp_path):
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://off.example/debian stable main\n"
        "deb-src http://source.example/debian stable main\n"
        "deb [arch=amd64 signed-by=/keys/one.gpg] http://line.example/mirror bookworm main contrib # words\n"
        "deb http://security.example/debian-security bookworm-security main\n"
    )
    (parts / "debian.sources").write_text(
        "Types: deb deb-src\n# a comment\nURIs: http://first.example/debian http://second.example/debian/\n"
        "Suites: trixie trixie-updates\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----\n"
        "\n"
        "Types: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: sid\nComponents: main\n"
        "\n"
        "Types: deb\nURIs: http://trusted.example/debian\nSuites: sid\nComponents: main\nTrusted: yes\n"
    )
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n -----END PGP PUBLIC KEY BLOCK-----"
    assert configured_sources(tmp_path) == [
        Source("http://first.example/debian", key),
        Source("http://second.example/debian/", key),
        Source("http://trusted.example/debian", trusted=True),
        Source("http://line.example/mirror", "/keys/one.gpg"),
    ]


def test_a_source_is_written_for_another_release():
    text = Source("http://a.example/debian", "/keys/one.gpg").for_suite("bullseye", "amd64")
    assert text.splitlines() == [
        "Types: deb",
        "URIs: http://a.example/debian",
        "Suites: bullseye",
        "Components: main",
        "Architectures: amd64",
        "Signed-By: /keys/one.gpg",
    ]


def test_the_closure_takes_libraries_and_leaves_the_machines_own():
    listing = (
        "julia\n  Depends: libjulia1\n  Depends: <libblas.so.3>\n    libblas3\nlibjulia1\n  PreDepends: libc6\n"
        "libc6\nlibgcc-s1\ngcc-10-base\nperl-base\ndebconf\n<libblas.so.3>\nlibunwind8\n"
    )
    assert closure(listing) == [
        "julia",
        "libblas3",
        "libjulia1",
        "liblapack3",
        "libopenblas0-pthread",
        "libunwind8",
    ]
