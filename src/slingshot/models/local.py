"""Local models: a GGUF file or a Hugging Face folder on this machine, with or without an adapter."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import sha256_of_file, sha256_of_text
from slingshot.models.base_model import TEMPLATE_FILE, WHEEL, prepare_base_model

ADAPTER_CONFIG = "adapter_config.json"
# The files of a Hugging Face folder that its answers depend on: weights, configuration, tokenizer, template.
_ANSWERING = ("*.safetensors", "*.bin", "*.json", "*.jinja", "*.model", "*.txt")
# The same of an adapter; what training leaves beside it, such as its losses, changes no answer.
_ADAPTING = ("adapter_model.*", ADAPTER_CONFIG, TEMPLATE_FILE)


@dataclass(frozen=True)
class LocalModel:
    """A model that this machine can serve.

    Attributes:
        name: as it is recorded, and the name under which it answers.
        path: the GGUF file, or the Hugging Face folder; of an adapter its base model's.
        kind: who serves it: llama.cpp (`gguf`) or transformers.
        adapter: a LoRA adapter for it, never merged: peft's folder, or a GGUF file for a GGUF file.
    """

    name: str
    path: Path
    kind: Literal["gguf", "transformers"]
    adapter: Path | None = None

    @cached_property
    def file_sha256(self) -> str:
        """Which model it is, 64 hex digits: of a GGUF file its own SHA-256, else one over all files that matter.

        These are the weights, the configuration, the tokenizer and the chat template, and of an adapter its
        weights and configuration. It is computed once, at first use: large models take seconds.
        """
        if self.kind == "gguf" and self.adapter is None:
            return sha256_of_file(self.path)
        files = _files(self.path, _ANSWERING)
        if self.adapter is not None:
            files += _files(self.adapter, _ADAPTING)
        return sha256_of_text("".join(f"{file.name}\0{sha256_of_file(file)}\n" for file in files))


def local_model(
    text: str,
    adapter: Path | None = None,
    name: str | None = None,
    report: Callable[[str], None] = lambda text: None,
) -> LocalModel | None:
    """The local model that a text names, or None if it names none.

    A text is a GGUF file, a folder with exactly one of them, a Hugging Face folder, the folder of an adapter
    (its base model is the one its configuration names), or `wheel:PACKAGE`, whose model is made a Hugging Face
    folder in the cache first.

    Args:
        text: what was written, such as `gguf/tuned.Q5_K_M.gguf` or `runs/small/adapter`.
        adapter: an adapter for the model that `text` names.
        name: the model's name; left out, it is the file's stem or the folder's name, and `MODEL+ADAPTER`
            where both were given.
        report: called with one line for each thing that takes time.

    Raises:
        RequestError: a path that leads nowhere, to no model, or to an adapter without its base model; an
            adapter of the wrong form.
        SlingshotError: the wheel or the base model cannot be had.
    """
    path = Path(text).expanduser()
    if text.startswith(WHEEL):
        folder = prepare_base_model(text, report)
        found = LocalModel(re.sub(r"-[0-9a-f]{12}$", "", folder.name), folder, "transformers")
    elif path.is_file():
        found = _from_file(path)
    elif path.is_dir():
        found = _from_folder(path, report)
    elif path.suffix == ".gguf":
        raise RequestError(f"{text}: there is no such GGUF file; make it with `slingshot gguf`")
    elif text.startswith(("./", "../", "/", "~")) or text in (".", ".."):
        raise RequestError(f"{text}: there is no such file or folder; check the path")
    else:
        return None
    if adapter is None:
        return LocalModel(name or found.name, found.path, found.kind, found.adapter)
    adapter = adapter.expanduser()
    _check_adapter(found, adapter, text)
    beside = adapter.stem if adapter.is_file() else adapter.resolve().name
    return LocalModel(name or f"{found.name}+{beside}", found.path, found.kind, adapter)


def _from_file(path: Path) -> LocalModel:
    if path.suffix != ".gguf":
        raise RequestError(f"{path}: this file is no GGUF file; name a GGUF file or a folder with a model")
    return LocalModel(path.stem, path, "gguf")


def _from_folder(folder: Path, report: Callable[[str], None]) -> LocalModel:
    """The model in a folder: whole in Hugging Face form, an adapter, or one GGUF file."""
    name = folder.resolve().name
    whole = (folder / "config.json").is_file()
    # Some adapters come with their base model's config.json; weights of their own make a folder whole.
    if (folder / ADAPTER_CONFIG).is_file() and not (whole and _files(folder, ("model*.safetensors",))):
        return LocalModel(name, _base_of(folder, report), "transformers", folder)
    if whole:
        return LocalModel(name, folder, "transformers")
    files = sorted(folder.glob("*.gguf"))
    if len(files) > 1:
        raise RequestError(
            f"{folder}: {len(files)} GGUF files in this folder; name one of them: "
            f"{', '.join(file.name for file in files[:8])}"
        )
    if not files:
        raise RequestError(
            f"{folder}: no model in this folder (no config.json, no {ADAPTER_CONFIG}, no GGUF file); name another, "
            "and a model of that name elsewhere as NAME@URL"
        )
    return LocalModel(files[0].stem, files[0], "gguf")


def _base_of(adapter: Path, report: Callable[[str], None]) -> Path:
    """The Hugging Face folder of the base model that an adapter's configuration names."""
    place = adapter / ADAPTER_CONFIG
    try:
        base = json.loads(place.read_bytes())["base_model_name_or_path"]
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(
            f"{place}: names no base model ({type(error).__name__}: {error}); {_HOW}"
        ) from None
    if not isinstance(base, str) or not base:
        raise RequestError(f"{place}: base_model_name_or_path is {base!r}, no base model; {_HOW}")
    if base.startswith(("/", "./", "../", "~")) and not Path(base).expanduser().exists():
        raise RequestError(f"{place}: the base model {base} is not there; {_HOW}")
    try:
        return prepare_base_model(base, report)
    except SlingshotError as error:
        kind = RequestError if isinstance(error, RequestError) else SlingshotError
        raise kind(f"{place}: the base model cannot be had ({error}); {_HOW}") from error


_HOW = "name the base model, and this folder as its adapter"


def _check_adapter(model: LocalModel, adapter: Path, text: str) -> None:
    """Raise RequestError unless the adapter is one that this model can carry."""
    if not adapter.exists():
        raise RequestError(f"{adapter}: there is no such adapter; check the path")
    if model.adapter is not None:
        raise RequestError(f"{text}: this is an adapter itself; name the base model for {adapter}")
    if model.kind == "gguf" and not (adapter.is_file() and adapter.suffix == ".gguf"):
        raise RequestError(
            f"{adapter}: a GGUF file carries an adapter only as a GGUF file; serve the base model's Hugging Face "
            "folder with it, or merge it (`slingshot merge`, then `slingshot gguf`)"
        )
    if model.kind == "transformers" and not (adapter / ADAPTER_CONFIG).is_file():
        raise RequestError(
            f"{adapter}: no {ADAPTER_CONFIG} in this folder; an adapter is a folder as peft saves it"
        )


def _files(place: Path, patterns: tuple[str, ...]) -> list[Path]:
    """The file itself, or those in the folder that match one of the patterns, by name."""
    if place.is_file():
        return [place]
    return sorted({file for pattern in patterns for file in place.glob(pattern) if file.is_file()})
