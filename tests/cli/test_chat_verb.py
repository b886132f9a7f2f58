"""The chat verb: from a pipe as a script would use it, and on a terminal as a person would."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from command import refused, slingshot
from slingshot.dataset import load_conversation, open_conversation
from tiny_gguf import write_tiny_gguf


@contextmanager
def parrot(seconds=0.0, *, usage=True):
    """An endpoint that streams, word by word, how many messages it got and what the last and the first one said."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if "stream_options" in body and not usage:
                return self.send(400, json.dumps({"error": {"message": "stream_options: not known"}}))
            bodies.append(body)
            said = [message["content"] for message in body["messages"]]
            words = f"{len(said)} messages, first {said[0]}, last {said[-1]}".split(" ")
            self.send(200, "")
            try:
                for word in words:
                    time.sleep(seconds)
                    self.event({"choices": [{"index": 0, "delta": {"content": f"{word} "}}]})
                self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
                if usage:
                    counted = {"completion_tokens": len(words), "prompt_tokens": 1, "total_tokens": 9}
                    self.event({"choices": [], "usage": counted})
                self.wfile.write(b"data: [DONE]\n\n")
            except ConnectionError:
                bodies.append("hung up")
            return None

        def send(self, status, content):
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status == 400 else "text/event-stream")
            self.end_headers()
            self.wfile.write(content.encode())

        def event(self, value):
            event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "polly", **value}
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"polly@http://127.0.0.1:{server.server_address[1]}/v1", bodies
        server.shutdown()


def test_lines_of_a_pipe_are_questions_and_what_was_said_goes_along():
    with parrot() as (model, bodies):
        options = ["--system", "Be brief", "--temperature", "0.5", "--max-tokens", "7", "--seed", "3"]
        done = slingshot("chat", model, *options, stdin="Hello\n\n  Again \n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "2 messages, first Be brief, last Hello \n4 messages, first Be brief, last Again \n"
    )
    assert re.findall(r"\((\d+) tokens, [\d.]+ tokens/s\)", done.stderr) == ["7", "7"]
    assert [message["role"] for message in bodies[1]["messages"]] == ["system", "user", "assistant", "user"]
    asked = {key: bodies[1][key] for key in ("model", "temperature", "max_tokens", "seed")}
    assert asked == {"model": "polly", "temperature": 0.5, "max_tokens": 7, "seed": 3}


def test_commands_change_what_is_sent(tmp_path):
    lines = ["One", "/reset", "Two", "/system Rhyme", "Three", "/system", "Four", "/quit", "Five"]
    with parrot() as (model, bodies):
        done = slingshot("chat", model, stdin="\n".join(lines))
    assert done.returncode == 0
    assert [len(body["messages"]) for body in bodies] == [1, 1, 4, 5]
    assert bodies[2]["messages"][0] == {"role": "system", "content": "Rhyme"}
    assert bodies[3]["messages"][0]["role"] == "user"
    assert "temperature" not in bodies[0]
    assert "seed" not in bodies[0]


def test_a_saved_conversation_is_one_of_the_collection_and_no_file_is_overwritten(tmp_path):
    path = tmp_path / "talk.json"
    with parrot() as (model, _):
        done = slingshot("chat", model, "--system", "S", stdin=f"Hello\n/save {path}\n")
        again = slingshot("chat", model, stdin=f"Other\n/save {path}\n")
    assert done.returncode == 0, done.stderr
    saved = load_conversation(path)
    assert [message["role"] for message in saved] == ["system", "user", "assistant"]
    assert saved[2]["content"] == "2 messages, first S, last Hello "
    assert open_conversation(path).about == {
        "model": "polly",
        "source": "slingshot chat",
        "parameters": {"max_tokens": 1024},
    }
    refused(again, 2, f"/save: {path} is there already")
    assert load_conversation(path) == saved


def test_an_endpoint_that_does_not_count_a_streams_tokens_is_asked_without():
    with parrot(usage=False) as (model, bodies):
        done = slingshot("chat", model, stdin="Hello\n")
    assert done.stdout.startswith("1 messages")
    assert "stream_options" not in bodies[0]
    assert "tokens" not in done.stderr


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("/sav x", ["/sav: no such command; did you mean /save?"]),
        ("/save", ["/save: no file is named"]),
        ("/save x", ["/save: nothing was said yet"]),
    ],
)
def test_a_command_that_cannot_be_obeyed_is_refused(lines, words):
    with parrot() as (model, _):
        refused(slingshot("chat", model, stdin=lines), 2, *words)


def test_an_endpoint_that_is_not_there_and_a_model_that_is_none_are_refused(tmp_path):
    refused(slingshot("chat", "m@http://127.0.0.1:9/v1", stdin="Hello"), 1, "the connection failed")
    refused(slingshot("chat", tmp_path / "none.gguf", stdin="Hello"), 2, "no such GGUF file")
    refused(slingshot("chat", "gpt-4o", stdin="Hello", OPENAI_API_KEY=""), 2, "no key")


def test_a_model_of_this_machine_is_served_meanwhile_and_its_context_said_and_kept(tmp_path):
    model = write_tiny_gguf(tmp_path / "tiny.gguf")
    options = ["--temperature", "0", "--max-tokens", "5", "--context", "9999"]
    lines = f"Hello\nAgain\n{'x' * 600}\n"
    done = slingshot("chat", model, *options, stdin=lines, SLINGSHOT_CACHE=str(tmp_path / "cache"))
    assert "tiny has room for 512 tokens, not for 9999." in done.stderr
    assert len(re.findall(r"\(5 tokens, [\d.]+ tokens/s, cut off by the limit\)", done.stderr)) == 2
    assert len(done.stdout.splitlines()) >= 2
    refused(done, 1, "exceeds the available context size (512 tokens)")


class Terminal:
    """The command on a terminal, as a person types."""

    def __init__(self, *arguments):
        self.main, side = pty.openpty()
        command = [sys.executable, "-m", "slingshot", *arguments]
        environment = {**os.environ, "TERM": "dumb"}
        self.process = subprocess.Popen(
            command, stdin=side, stdout=side, stderr=side, env=environment, start_new_session=True
        )
        os.close(side)
        self.seen, self.looked_at = "", 0

    def sees(self, text, seconds=30.0):
        """Wait until a text has appeared after what was seen before."""
        deadline = time.monotonic() + seconds
        while text not in self.seen[self.looked_at :]:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.main], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.main, 4096).decode()
                except OSError:  # the other side was closed
                    break
        self.looked_at = self.seen.index(text, self.looked_at) + len(text)

    def types(self, text):
        os.write(self.main, text.encode())

    def ends(self):
        code = self.process.wait(30)
        os.close(self.main)
        return code


def test_on_a_terminal_ctrl_c_stops_the_answer_and_ctrl_d_the_chat():
    with parrot(0.3) as (model, bodies):
        terminal = Terminal("chat", model)
        terminal.sees("> ")
        terminal.types("Hello\n")
        terminal.sees("messages,")
        terminal.process.send_signal(signal.SIGINT)
        terminal.sees("Stopped; what came of the answer is kept.")
        terminal.sees("> ")
        terminal.types("half a line")
        terminal.sees("half a line")
        time.sleep(0.2)  # until it waits for the next key
        terminal.process.send_signal(signal.SIGINT)
        terminal.sees("> ")  # on a new line
        terminal.types("/nonsense\n")
        terminal.sees("/nonsense: no such command")
        terminal.types("Again\n")
        terminal.sees("tokens/s)")
        terminal.sees("> ")
        time.sleep(0.2)
        terminal.types("\x04")
        assert terminal.ends() == 0
    first, *_, last = [body for body in bodies if body != "hung up"]
    assert len(first["messages"]) == 1
    assert [message["role"] for message in last["messages"]] == ["user", "assistant", "user"]
    assert last["messages"][1]["content"].startswith("1 messages, ")
    assert "hung up" in bodies
