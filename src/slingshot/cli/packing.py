"""`pack` and `unpack`: many recordings in a few files, and back."""

import json
from pathlib import Path
from typing import Annotated

import typer

from slingshot.cli.options import Format
from slingshot.progress import bar, say


def pack(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder of judged recordings")],
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="folder to write the shards into; may be the same")
    ],
    remove: Annotated[
        bool, typer.Option("--remove", help="then remove each JSON file that a shard holds byte by byte")
    ] = False,
    output: Format = "table",
) -> None:
    """Pack judged recordings into Parquet files: a tenth of the size, and a million of them in seconds.

    `leaderboard`, `verdict`, `dataset build` and `show` read them like JSON files, also beside new ones; other work
    says that they have to be unpacked. Stopped, it goes on where it was.
    """
    from slingshot.recordings.packing import pack_recordings

    with bar("packed") as advance:
        done = pack_recordings(folder, out, remove, advance)
    if output == "json":
        print(json.dumps(vars(done) | {"folder": str(out)}))
    before = f"; {done.before:,} were packed already" if done.before else ""
    say(
        f"Packed {done.written:,} recordings, {done.json_bytes / 1e6:,.1f} MB of JSON files, into"
        f" {done.file_bytes / 1e6:,.1f} MB in {out}{before}."
    )
    if done.waiting:
        say(
            f"Not judged yet, and left as they are: {done.waiting:,} of the answers; slingshot judge {folder}"
        )
    if remove:
        say(f"Removed {done.removed:,} files below {folder}.")
    say(f"Next: slingshot leaderboard {out}")


def unpack(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="folder that `slingshot pack` wrote into")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="folder to write the JSON files below")],
    output: Format = "table",
) -> None:
    """Write the JSON files of packed recordings, as they were; files that are there already are not touched."""
    from slingshot.recordings.packing import unpack_recordings

    with bar("unpacked") as advance:
        count, new = unpack_recordings(folder, out, advance)
    if output == "json":
        print(json.dumps({"recordings": count, "new": new, "folder": str(out)}))
    there = f"; {count - new:,} were there already" if new < count else ""
    say(f"Unpacked {new:,} recordings into {out}{there}.")
    say(f"Next: slingshot judge {out} --compare")
