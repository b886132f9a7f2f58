"""`publish`: a finished run for others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from slingshot.cli.options import listed_names
from slingshot.errors import RequestError, suggest
from slingshot.progress import say

if TYPE_CHECKING:
    from slingshot.publish import Part


def publish(
    run: Annotated[Path, typer.Argument(help="folder of a finished run, runs/NAME")],
    to: Annotated[Literal["folder", "hub"], typer.Option(help="where to: --out DIR, or --repo OWNER/NAME")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="new folder to write, for --to folder")
    ] = None,
    repo: Annotated[
        str | None,
        typer.Option(metavar="OWNER/NAME", help="repository on the Hugging Face hub, for --to hub"),
    ] = None,
    parts: Annotated[
        str | None,
        typer.Option(
            "--with",
            help="what of: gguf, f16, adapter, merged; with commas [default: gguf,adapter; if all weights were trained: "
            "gguf,merged]",
        ),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="a new repository is private")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="print files and card, write and send nothing")
    ] = False,
) -> None:
    """Publish a finished run: model card with the verdict, Modelfile, checksums, and the files that were measured."""
    from slingshot.hub import check_hub, check_name
    from slingshot.publish import prepare_publication, upload_publication, write_publication
    from slingshot.publish.markdown import megabytes

    if to == "folder" and (out is None or repo or private):
        raise RequestError("--to folder needs --out DIR, and neither --repo nor --private")
    if to == "hub" and (repo is None or out):
        raise RequestError("--to hub needs --repo OWNER/NAME, and no --out")
    chosen = [] if parts is None else _parts(parts)
    if repo and dry_run:
        check_name(repo)
    elif repo:
        check_hub(repo, private=private)
    publication = prepare_publication(run, chosen)
    for note in publication.notes:
        say(f"Note: {note}.")
    if dry_run:
        total = sum(publication.sizes.values())
        for name, size in publication.sizes.items():
            print(f"{megabytes(size):>12}  {name}")
        print(f"{megabytes(total):>12}  in all\n\n{publication.texts['README.md']}", end="")
        say(f"Nothing was written; without --dry-run it would go to {repo or out}.")
    elif repo:
        say(f"Published at {upload_publication(publication, repo, private=private, report=say)}.")
    elif out:
        say(f"Wrote {write_publication(publication, out)}.")
        say(f"Next: read {out / 'README.md'}, then slingshot publish {run} --to hub --repo OWNER/NAME")


def _parts(text: str) -> "list[Part]":
    """The parts that an option lists, each checked."""
    from slingshot.publish import PARTS

    known = {str(part): part for part in PARTS}
    names = listed_names(text)
    if not names:
        raise RequestError(f"--with: name at least one part{suggest(text, known)}")
    for name in names:
        if name not in known:
            raise RequestError(f"--with: {name} is no part of a run{suggest(name, known)}")
    return [known[name] for name in names]
