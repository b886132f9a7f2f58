"""Steps are done once; a broken one goes on; a changed one starts anew."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import slingshot
from slingshot.errors import SlingshotError
from slingshot.manifest import do_step, only_run, read_manifest, remove

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


class Step:
    """A step that writes `lines` lines to a file, one more each time it is called, and may break midway."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.out = run / "out"
        self.calls = 0

    def do(self, lines: int = 3, breaks_after: int | None = None, **inputs):
        def work():
            self.calls += 1
            self.out.mkdir(parents=True, exist_ok=True)
            there = len(list(self.out.iterdir()))
            for number in range(there, lines):
                if number == breaks_after:
                    raise RuntimeError("broken midway")
                (self.out / str(number)).write_text(f"{inputs}")
            return {"lines": lines, "found": there}

        return do_step(self.run, "count", inputs, [self.out], work)


@pytest.fixture
def step(tmp_path):
    return Step(tmp_path / "run")


def test_a_manifest_says_what_was_done(step):
    content = step.do(model="m")
    assert content == json.loads((step.run / "manifests" / "count.json").read_text())
    assert content["step"] == "count"
    assert content["inputs"] == {"slingshot": slingshot.__version__, "model": "m"}
    assert content["facts"] == {"lines": 3, "found": 0}
    assert 0 <= content["seconds"] < 10
    assert content["peak_memory_bytes"] > 1 << 20
    assert content["python"].startswith("3.")
    assert [path.name for path in (step.run / "manifests").iterdir()] == ["count.json"]


def test_a_finished_step_is_skipped(step):
    first = step.do(model="m")
    assert step.do(model="m") == first
    assert step.calls == 1


def test_inputs_are_the_same_whatever_python_calls_them(step):
    step.do(names=("a", "b"), folder=Path("/x"), number=1)
    step.do(names=["a", "b"], folder="/x", number=1)
    assert step.calls == 1


def test_with_other_inputs_it_is_done_again_from_nothing(step):
    step.do(model="m")
    content = step.do(lines=2, model="n")
    assert step.calls == 2
    assert content["facts"] == {"lines": 2, "found": 0}
    assert sorted(path.name for path in step.out.iterdir()) == ["0", "1"]
    assert content["inputs"]["model"] == "n"


def test_another_version_of_slingshot_does_it_again(step, monkeypatch):
    step.do(model="m")
    monkeypatch.setattr(slingshot, "__version__", "999.0")
    assert step.do(model="m")["facts"]["found"] == 0
    assert step.calls == 2


def test_without_its_output_it_is_done_again(step):
    step.do(model="m")
    remove(step.out)
    assert step.do(model="m")["facts"]["found"] == 0
    assert step.calls == 2
    assert len(list(step.out.iterdir())) == 3


def test_a_broken_step_is_not_finished_and_goes_on_from_what_it_left(step):
    with pytest.raises(RuntimeError):
        step.do(breaks_after=2, model="m")
    assert not (step.run / "manifests" / "count.json").exists()
    content = step.do(model="m")
    assert content["facts"] == {"lines": 3, "found": 2}
    assert step.do(model="m") == content
    assert step.calls == 2


def test_a_broken_step_with_other_inputs_starts_anew(step):
    with pytest.raises(RuntimeError):
        step.do(breaks_after=2, model="m")
    assert step.do(model="n")["facts"]["found"] == 0


def test_back_to_the_first_inputs_after_a_break_with_others_nothing_old_survives(step):
    step.do(model="m")
    with pytest.raises(RuntimeError):
        step.do(breaks_after=1, model="n")
    assert step.do(model="m")["facts"]["found"] == 0
    assert {path.read_text() for path in step.out.iterdir()} == {"{'model': 'm'}"}


def test_seconds_count_every_attempt(tmp_path):
    out = tmp_path / "out"

    def slow(breaks):
        def work():
            out.mkdir(exist_ok=True)
            time.sleep(0.2)
            (out / "file").write_text("x")
            if breaks:
                raise KeyboardInterrupt
            return {}

        return work

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            do_step(tmp_path, "slow", {}, [out], slow(True))
    assert 0.55 < do_step(tmp_path, "slow", {}, [out], slow(False))["seconds"] < 5


def test_a_killed_step_goes_on_and_its_seconds_count(tmp_path):
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom slingshot.manifest import do_step\n"
        "run = Path(sys.argv[1])\n"
        "def work():\n"
        "    (run / 'out').mkdir(parents=True)\n"
        "    time.sleep(0.3)\n"
        "    (run / 'out' / 'first').write_text('x')\n"
        "    time.sleep(60)\n"
        "do_step(run, 'long', {'a': 1}, [run / 'out'], work)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], env=ENVIRONMENT)
    deadline = time.monotonic() + 20
    while not (tmp_path / "out" / "first").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "out" / "first").exists()
    found = []
    content = do_step(
        tmp_path,
        "long",
        {"a": 1},
        [tmp_path / "out"],
        lambda: found.extend((tmp_path / "out").iterdir()) or {},
    )
    assert [path.name for path in found] == ["first"]
    assert 0.3 <= content["seconds"] < 20


@pytest.mark.parametrize("content", ["", '{"step": "co', "[]", "3", "null"])
def test_a_broken_manifest_counts_as_none(step, content):
    step.do(model="m")
    path = step.run / "manifests" / "count.json"
    path.write_text(content)
    assert read_manifest(path) is None
    assert step.do(model="m")["facts"]["found"] == 0
    assert step.calls == 2


def test_a_step_without_outputs_is_done_once_too(tmp_path):
    calls = []
    for _ in range(2):
        do_step(tmp_path, "check", {"a": 1}, [], lambda: calls.append(1) or {})
    assert calls == [1]


def test_steps_do_not_disturb_each_other(tmp_path):
    for name in ("one", "two"):
        do_step(tmp_path, name, {"a": 1}, [], dict)
    do_step(tmp_path, "two", {"a": 2}, [], dict)
    assert read_manifest(tmp_path / "manifests" / "one.json")["inputs"]["a"] == 1
    assert read_manifest(tmp_path / "manifests" / "two.json")["inputs"]["a"] == 2


HOLD = """
import sys, time
from pathlib import Path
from slingshot.errors import SlingshotError
from slingshot.manifest import only_run
try:
    with only_run(Path(sys.argv[1])):
        print("in", flush=True)
        time.sleep(float(sys.argv[2]))
except SlingshotError as error:
    print(error)
"""


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path):
    def command(seconds):
        return [sys.executable, "-c", HOLD, str(tmp_path / "run"), str(seconds)]

    first = subprocess.Popen(command(60), env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    try:
        assert first.stdout.readline() == "in\n"
        second = subprocess.run(command(0), env=ENVIRONMENT, capture_output=True, text=True, check=True)
        assert second.stdout == (
            f"{tmp_path / 'run'}: another slingshot works in this folder; wait for it or stop it\n"
        )
        with pytest.raises(SlingshotError, match="another slingshot"), only_run(tmp_path / "run"):
            pass
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
    third = subprocess.run(command(0), env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert third.stdout == "in\n", "a killed process holds nothing"


def test_other_runs_are_not_held(tmp_path):
    with only_run(tmp_path / "a"), only_run(tmp_path / "b"):
        assert (tmp_path / "b").is_dir()


def test_what_a_killed_process_left_half_written_is_cleared(tmp_path):
    for name in ("keep.json", "deep/.model.gguf.abc.part", "deep/.partial-x/file"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    with only_run(tmp_path):
        left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    assert left == [".lock", "deep", "keep.json"]


def test_remove_takes_files_folders_and_what_is_not_there(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    for name in ("file", "folder", "nothing"):
        remove(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
