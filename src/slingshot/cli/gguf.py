"""`gguf`: a model as GGUF files."""

from pathlib import Path
from typing import Annotated

import typer

from slingshot.cli.options import listed_names
from slingshot.errors import RequestError
from slingshot.progress import say


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
