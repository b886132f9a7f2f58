"""One model in many types: its GGUF files made, each of them ready to be asked like any local model."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from slingshot.errors import RequestError
from slingshot.files import sha256_of_file
from slingshot.gguf import convert, quantize
from slingshot.gguf.about import about_model
from slingshot.gguf.file_types import FILE_TYPES, NEEDS_IMATRIX, WHOLE, known_type
from slingshot.gguf.header import read_gguf
from slingshot.gguf.quantize import check_quantizable
from slingshot.leaderboard.forms import name_in_parts
from slingshot.manifest import Facts, do_step, only_run
from slingshot.models.local import LocalModel
from slingshot.models.roster import Local

ALL = "all"
"""Stands for f16 and every quantized type that needs no importance matrix and is for models of any kind."""
WHOLE_TYPE = "f16"
_OF_A_KIND = ("TQ2_0", "TQ1_0", "MXFP4_MOE")  # for ternary models, and for mixtures of experts


def chosen_types(names: Sequence[str]) -> list[str]:
    """The file types that names stand for, the largest first.

    Args:
        names: in any mixture of capitals; or only `all`.

    Raises:
        RequestError: a name is unknown or needs an importance matrix, or there is none.
    """
    if [name.lower() for name in names] == [ALL]:
        left_out = {*WHOLE, *NEEDS_IMATRIX, *_OF_A_KIND} - {WHOLE_TYPE}
        return [kind for kind in FILE_TYPES if kind not in left_out]
    chosen = {known_type(name) for name in names}
    if not chosen:
        raise RequestError(f"--quantizations: names no type; write f16,Q8_0,Q4_K_M, or {ALL}")
    for kind in sorted(chosen):
        check_quantizable(kind, None)
    return [kind for kind in FILE_TYPES if kind in chosen]


def quantized_models(
    model: Local, types: Sequence[str], folder: Path, report: Callable[[str], None] = lambda text: None
) -> list[Local]:
    """A model's GGUF files, made where they are not there yet, as models to ask: `NAME.TYPE`, in the order of types.

    Their answers will say the type, the file's size and its bits per weight. A Hugging Face folder is converted to
    f16 first, whatever is asked for; a GGUF file stands for its own type.

    Args:
        model: a Hugging Face folder, or a GGUF file of f32, f16 or bf16.
        types: names of file types, see `chosen_types`.
        folder: where the files are kept, called `NAME.TYPE.gguf`.
        report: called with one line for each file.

    Raises:
        RequestError: the model is an adapter, or quantized already.
        MissingTool: llama.cpp is not installed.
        SlingshotError: llama.cpp failed, the disk is full, or another process works in the folder.
    """
    given = model.model
    if given.adapter is not None:
        raise RequestError(f"{model.name}: an adapter has no file of its own to quantize; merge it first")
    name = name_in_parts(model.name).base
    with only_run(folder):
        whole = given.path if given.kind == "gguf" else _converted(given, name, WHOLE_TYPE, folder)
        files = {read_gguf(whole).file_type: whole}
        for kind in types:
            if kind in files:
                continue
            if kind in WHOLE and given.kind == "transformers":
                files[kind] = _converted(given, name, kind, folder)
            else:
                files[kind] = _quantized(whole, folder / f"{name}.{kind}.gguf", kind, report)
    return [_to_ask(model, f"{name}.{kind}", kind, files[kind]) for kind in types]


def _converted(model: LocalModel, name: str, kind: str, folder: Path) -> Path:
    """The file of a Hugging Face folder in a type of plain numbers; one that is there and the same is kept."""
    out = folder / f"{name}.{kind}.gguf"
    return convert(model.path, out, name, about_model(model.path), file_type=kind)


def _quantized(whole: Path, out: Path, kind: str, report: Callable[[str], None]) -> Path:
    """The file in a quantized type; one that was made of the same file is kept."""

    def work() -> Facts:
        done = quantize(whole, out, kind)
        return {"fallbacks": done.fallbacks, "description": done.description}

    done = do_step(out.parent, out.stem, {"source": sha256_of_file(whole), "type": kind}, [out], work)
    report(f"  {done['facts']['description']}")
    return out


def _to_ask(model: Local, name: str, kind: str, file: Path) -> Local:
    """A file as a model to ask, with what its answers will say of it."""
    about = {
        "quantization": kind,
        "file_bytes": file.stat().st_size,
        "bits_per_weight": round(read_gguf(file).bits_per_weight, 4),
    }
    return replace(model, name=name, model=LocalModel(name, file, "gguf"), about=about)
