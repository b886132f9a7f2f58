"""Servers of both kinds stay right, quick to refuse and lean, whatever clients do to them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from command import slingshot
from fire import CHAT, events_of, exchange, messages, resident_bytes, streamed, under_fire, whole
from slingshot.errors import SlingshotError
from slingshot.models import serving
from slingshot.models.server import running_server
from tiny_gguf import write_tiny_gguf

KINDS = ("gguf", "transformers")
TEXTS = ("Hello", "In Julia, write a function that adds two numbers.", "?", "no, and why not 1 + 1 = 2")
# Alone, with its prompt read anew, a greedy answer depends on the question only.
GREEDY = {"temperature": 0, "max_tokens": 16, "cache_prompt": False}


@pytest.fixture(scope="module")
def forms(tiny_folder, tmp_path_factory):
    """A tiny model that llama.cpp serves, and one for transformers."""
    return {
        "gguf": write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf"),
        "transformers": tiny_folder,
    }


@pytest.fixture(scope="module", params=KINDS)
def server(request, forms, tmp_path_factory):
    log = tmp_path_factory.mktemp("logs") / "server.log"
    with running_server(forms[request.param], log, parallel=3, context=256) as running:
        yield running


def url_of(server):
    return server.endpoint.url


def told(server, path):
    status, content = exchange(url_of(server), b"", path=path, method="GET")
    assert status == 200
    return json.loads(content)


def test_after_500_requests_of_every_kind_answers_are_the_same_and_memory_is_flat(server):
    questions = [{"messages": messages(text), **GREEDY} for text in TEXTS]
    before = [whole(url_of(server), question) for question in questions]
    assert len(set(before)) > 1
    assert under_fire(url_of(server), 60) == {}  # warm
    warm = resident_bytes(server.process.pid)
    assert under_fire(url_of(server), 500) == {}
    time.sleep(1)  # until the last who hung up has been noticed
    assert [whole(url_of(server), question) for question in questions] == before
    assert [streamed(url_of(server), question) for question in questions] == before
    assert resident_bytes(server.process.pid) < warm + 48 * 2**20


def test_clients_at_once_get_the_answers_they_get_alone(server):
    questions = [{"messages": messages(text), **GREEDY} for text in TEXTS] * 3
    alone = [whole(url_of(server), question) for question in questions[:4]]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda question: whole(url_of(server), question), questions))
    assert nearly_all_alike(together, alone * 3)


def test_a_stream_says_what_the_whole_answer_says(server):
    for seed in range(5):
        fields = {"seed": seed, "max_tokens": 40, "temperature": 1.0}
        assert streamed(url_of(server), fields) == whole(url_of(server), fields)


def test_a_stream_ends_with_its_reason_and_with_tokens_if_they_are_asked_for(server):
    fields = {"messages": messages(), **GREEDY, "stream": True, "stream_options": {"include_usage": True}}
    status, content = exchange(url_of(server), fields)
    first, *_, last = events_of(content)
    assert status == 200
    assert first["object"] == "chat.completion.chunk"
    assert first["model"] == server.endpoint.model
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert last["choices"] == []
    assert 0 < last["usage"]["completion_tokens"] <= 40
    assert last["timings"]["predicted_n"] == last["usage"]["completion_tokens"]


def test_a_stop_text_ends_a_stream_and_is_never_part_of_it(server):
    text = whole(url_of(server), GREEDY)
    stop = re.findall("[!-~]", text)[-1]
    fields = {**GREEDY, "stop": [stop, "\x00 never"]}
    assert streamed(url_of(server), fields) == whole(url_of(server), fields) == text[: text.index(stop)]


def test_seeds_decide_an_answer_whatever_else_is_asked(server):
    def drawn(seed):
        return whole(url_of(server), {"seed": seed, "max_tokens": 12})

    alone = [drawn(seed) for seed in range(4)]
    with ThreadPoolExecutor(8) as pool:
        assert nearly_all_alike(list(pool.map(drawn, [0, 1, 2, 3] * 4)), alone * 4)
    assert len(set(alone)) == 4


def test_models_and_context_are_told(server):
    assert [model["id"] for model in told(server, "/v1/models")["data"]] == [server.endpoint.model]
    assert told(server, "/props")["default_generation_settings"]["n_ctx"] == server.context == 256


def test_a_prompt_without_room_is_refused_with_numbers_and_one_with_room_is_bounded(server):
    status, content = exchange(url_of(server), {"messages": messages("x" * 3000)})
    assert status == 400
    assert "256" in json.loads(content)["error"]["message"]
    status, content = exchange(url_of(server), {"messages": messages(), "temperature": 5.0, "seed": 1})
    assert status == 200
    assert json.loads(content)["usage"]["total_tokens"] <= 256


def test_silent_connections_hold_up_nobody(server):
    address = urlsplit(url_of(server))
    silent = [socket.create_connection((address.hostname, address.port)) for _ in range(60)]
    for connection in silent[::2]:
        connection.sendall(f"POST {CHAT} HTTP/1.1\r\nContent-Length: 9\r\n\r\n{{".encode())
    started = time.monotonic()
    assert whole(url_of(server), GREEDY)
    assert time.monotonic() - started < 20
    for connection in silent:
        connection.close()


def test_clients_that_left_cost_no_tokens(server):
    """Many long answers that nobody waits for: the next one comes at once."""
    address = urlsplit(url_of(server))
    body = json.dumps({"messages": messages(), "temperature": 5.0, "stream": True}).encode()
    for _ in range(20):
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(f"POST {CHAT} HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    started = time.monotonic()
    assert whole(url_of(server), {**GREEDY, "max_tokens": 3})
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("kind", KINDS)
def test_no_server_outlives_a_parent_that_is_killed(kind, forms, tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from slingshot.models.server import running_server\n"
        "with running_server(Path(sys.argv[1]), Path(sys.argv[2])) as server:\n"
        "    print(server.process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(forms[kind]), str(tmp_path / "log")]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone_within(child, 10)


@pytest.mark.parametrize(
    ("kind", "signals"), [("gguf", [signal.SIGINT, signal.SIGTERM]), ("transformers", [signal.SIGTERM])]
)
def test_the_serve_verb_says_its_context_ends_cleanly_and_frees_its_port_at_once(
    kind, signals, forms, tmp_path
):
    port = None
    for number in signals:  # the second time on the port of the first
        command = [sys.executable, "-m", "slingshot", "serve", str(forms[kind]), "--port", str(port or 0)]
        environment = {**os.environ, "SLINGSHOT_CACHE": str(tmp_path)}
        verb = subprocess.Popen(
            [*command, "--context", "9999"], stderr=subprocess.PIPE, text=True, env=environment
        )
        said = verb.stderr.readline()
        assert "127.0.0.1:" in said, said
        assert verb.stderr.readline().endswith("has room for 512 tokens, not for 9999.\n")
        port = int(said.split("127.0.0.1:")[1].split("/")[0])
        waiting = socket.create_connection(("127.0.0.1", port))  # whose other end the kernel remembers
        waiting.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert waiting.recv(100)
        verb.send_signal(number)
        assert verb.communicate(timeout=30)[1].endswith("Stopped.\n")
        assert verb.returncode == 0
        waiting.close()


def test_the_serve_verb_notices_that_its_server_was_killed(forms, tmp_path):
    command = [sys.executable, "-m", "slingshot", "serve", str(forms["gguf"]), "--port", "0"]
    environment = {**os.environ, "SLINGSHOT_CACHE": str(tmp_path)}
    verb = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert "Serving" in verb.stderr.readline()
    (child,) = children_of(verb.pid)
    os.kill(child, signal.SIGKILL)
    said = verb.communicate(timeout=30)[1]
    assert "tiny: the server ended (it was killed, most likely for want of memory)" in said
    assert verb.returncode == 1


def test_a_port_in_use_is_refused_before_anything_is_loaded(forms):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = slingshot("serve", forms["gguf"], "--port", port)
    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 is in use" in done.stderr


@pytest.mark.parametrize("share", [0.0005, 0.5, 0.999])
def test_a_gguf_file_that_is_cut_short_is_refused_in_one_sentence(share, forms, tmp_path):
    content = forms["gguf"].read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(content[: int(share * len(content))])
    with (
        pytest.raises(SlingshotError, match=r"cut\.gguf: the file is cut short"),
        serving(cut, tmp_path / "log"),
    ):
        raise AssertionError("it must not start")


def nearly_all_alike(answers, others):
    """Whether at least three in four are the same: rounding decides between tokens that are as good as equal."""
    alike = sum(map(str.__eq__, answers, others))
    return alike >= 0.75 * len(others)


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def gone_within(pid, seconds):
    """Whether a process ends in time; a zombie, which only waits to be counted, has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False
