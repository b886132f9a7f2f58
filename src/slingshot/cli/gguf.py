"""`gguf`: a model as GGUF files."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slingshot.cli.options import listed_names
from slingshot.errors import RequestError
from slingshot.progress import bar, say, stderr

if TYPE_CHECKING:
    from slingshot.gguf import About


def gguf(
    model: Annotated[
        str,
        typer.Argument(help="run, Hugging Face folder, wheel:PACKAGE, or a GGUF file of f32, f16 or bf16"),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="folder to write [default: gguf beside the model]")
    ] = None,
    types: Annotated[
        str, typer.Option(help="types of files, with commas, such as f16,Q8_0,Q4_K_M")
    ] = "Q5_K_M",
    imatrix: Annotated[
        Path | None, typer.Option(metavar="FILE", help="importance matrix, as llama-imatrix writes it")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(help="of the model and its files [default: the folder's; of a run, the run's]"),
    ] = None,
) -> None:
    """Convert a model to GGUF and quantize it, with llama.cpp's own code.

    Every file says what it was made from. What is quantized is made from an f16 file, which is kept.
    """
    from slingshot.gguf import WHOLE, About, about_model, check_quantizable, known_type, stated_licence
    from slingshot.gguf.imatrix import read_imatrix
    from slingshot.models.base_model import prepare_base_model

    kinds = list(dict.fromkeys(known_type(kind) for kind in listed_names(types)))
    if not kinds:
        raise RequestError("--types: names no type; write one or several, such as f16,Q8_0,Q4_K_M")
    for kind in kinds:
        check_quantizable(kind, imatrix)
    if imatrix:
        read_imatrix(imatrix)
    path = Path(model).expanduser()
    if path.suffix == ".gguf":
        stem = name or re.sub(r"\.(f32|f16|bf16)$", "", path.stem, flags=re.IGNORECASE)
        last = _quantize_all(path, out or path.parent, stem, kinds, imatrix)
    else:
        if not (path / "config.json").is_file() and (path / "merged" / "config.json").is_file():
            path = path / "merged"  # the model of a run
        folder = path if path.is_dir() else prepare_base_model(model, say)
        stem = name or _name_of(folder)
        beside = path.parent if path.is_dir() else Path()  # what is fetched lies in the cache
        place = out or beside / "gguf"
        whole = [kind for kind in kinds if kind in WHOLE]
        rest = [kind for kind in kinds if kind not in WHOLE]
        if rest and "f16" not in whole:
            whole.append("f16")
        about = about_model(folder) if path.is_dir() else About(licence=stated_licence(model))
        files = {kind: _convert(folder, place / f"{stem}.{kind}.gguf", stem, kind, about) for kind in whole}
        last = _quantize_all(files["f16"], place, stem, rest, imatrix) if rest else files[whole[-1]]
    say(f"Next: slingshot serve {last}")


def _name_of(folder: Path) -> str:
    """A folder's name without the hash that the cache adds; of a run's `merged` the run's name."""
    place = folder.resolve()
    known = place.parent.name if place.name == "merged" else place.name
    return re.sub(r"(\.[QF]\w+)?-[0-9a-f]{12}$", "", known)


def _convert(folder: Path, file: Path, name: str, kind: str, about: "About") -> Path:
    from slingshot.gguf import convert, read_gguf

    before = file.stat().st_ino if file.exists() else None
    with bar(f"writing {file.name}") as advance:
        convert(folder, file, name, about, file_type=kind, advance=advance if stderr.is_terminal else None)
    done = "Kept" if file.stat().st_ino == before else "Wrote"  # it was made from the same already
    say(f"{done} {file} ({_size(file.stat().st_size, read_gguf(file).bits_per_weight)}).")
    return file


def _quantize_all(source: Path, place: Path, name: str, kinds: list[str], imatrix: Path | None) -> Path:
    """Quantize one file to every type; the last that was written."""
    from slingshot.gguf import quantize
    from slingshot.gguf.file_types import NOTES

    for kind in kinds:
        file = place / f"{name}.{kind}.gguf"
        if file.resolve() == source.resolve():
            raise RequestError(f"{source}: is {kind} already; name other types")
        with bar(f"writing {file.name}") as advance:
            done = quantize(source, file, kind, imatrix, advance=advance if stderr.is_terminal else None)
        say(f"Wrote {done.path} ({_size(done.bytes, done.bits_per_weight)}).")
        say(f"  {done.description}")
        if note := NOTES.get(kind):
            say(f"  {kind} {note}")
    return file


def _size(size: int, bits: float) -> str:
    return f"{size / 1e6:,.1f} MB, {bits:.2f} bits per weight"
