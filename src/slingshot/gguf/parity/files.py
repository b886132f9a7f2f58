"""GGUF files, read by two builds of llama.cpp: the one that serves and the one that gives whole distributions.

The server renders the prompts by the template in the file and turns them into tokens, as it does for every request;
the library, in a process of its own, reads the same text into tokens and computes what comes next.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from slingshot.commands import run_captured
from slingshot.errors import MissingTool, SlingshotError
from slingshot.files import cache_folder
from slingshot.gguf.parity.forms import Form, Messages
from slingshot.gguf.parity.reading import Reading, Script, Vocabulary
from slingshot.models import serving

_READER = "slingshot.gguf.parity.llama_logits"
_SECONDS_TO_RENDER = 60


def read_file(form: Form, scripts: Sequence[Script], logits: Path) -> Reading:
    """Read a GGUF file on prompts and answers that are given.

    Raises:
        MissingTool: a build of llama.cpp is not installed.
        SlingshotError: a build cannot load the file, or its template refuses a prompt.
    """
    started = time.monotonic()
    logits.mkdir(parents=True)
    log = cache_folder() / "logs" / "parity.log"
    with serving(form.path, log, parallel=1, context=256) as endpoint:
        address = endpoint.url.removesuffix("/v1")
        texts = [_rendered(form, address, script.prompt.messages) for script in scripts]
        served = [tuple(_tokens(form, address, text)) for text in texts]
    found = _computed(form, scripts, texts, logits)
    prompts = {
        f"llama.cpp in xllamacpp {version('xllamacpp')}": served,
        f"llama.cpp {found['version']}": [tuple(tokens) for tokens in found["tokens"]],
    }
    vocabulary = Vocabulary(found["words"], frozenset(), frozenset(found["ends"]))
    return Reading(form, prompts, vocabulary, logits, time.monotonic() - started)


def _rendered(form: Form, address: str, messages: Messages) -> str:
    """The text that the server makes of messages, by the template in the file."""
    return str(_asked(form, f"{address}/apply-template", {"messages": messages})["prompt"])


def _tokens(form: Form, address: str, text: str) -> list[int]:
    """The tokens that the server reads in a rendered text, as it does for a request."""
    body = {"content": text, "add_special": True, "parse_special": True}
    tokens: list[int] = _asked(form, f"{address}/tokenize", body)["tokens"]
    return tokens


def _asked(form: Form, url: str, body: dict[str, Any]) -> dict[str, Any]:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_SECONDS_TO_RENDER) as reply:
            answer: dict[str, Any] = json.load(reply)
            return answer
    except HTTPError as error:
        reason = " ".join(error.read().decode(errors="replace").split())[:300]
        raise SlingshotError(
            f"{form.path}: llama.cpp's server refuses a prompt ({reason}); is the chat template in the file right?"
        ) from error
    except (URLError, OSError, ValueError) as error:
        raise SlingshotError(
            f"{form.path}: llama.cpp's server gave no answer ({error}); run again"
        ) from error


def _computed(form: Form, scripts: Sequence[Script], texts: Sequence[str], out: Path) -> dict[str, Any]:
    """What the library says of the file; the logits are left in the folder `out`."""
    request = {
        "texts": texts,
        "scripts": [{"fed": script.fed, "answers": len(script.answer)} for script in scripts],
        "threads": os.cpu_count() or 1,
    }
    (out / "request.json").write_text(json.dumps(request), encoding="utf-8")
    arguments = [str(form.path), str(out / "request.json"), str(out)]
    # A failed assertion would call a debugger, whose words would bury its own.
    environment = {**os.environ, "GGML_NO_BACKTRACE": "1"}
    done = run_captured([sys.executable, "-m", _READER, *arguments], environment=environment)
    if "No module named 'cyllama'" in done.stderr:
        raise MissingTool("llama.cpp's library is missing; install it with `pip install 'slingshot[train]'`")
    if done.returncode != 0:
        reason = ((done.stderr + done.stdout).strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise SlingshotError(f"{form.path}: llama.cpp as a library cannot read it: {reason}")
    found: dict[str, Any] = json.loads((out / "reading.json").read_bytes())
    return found
