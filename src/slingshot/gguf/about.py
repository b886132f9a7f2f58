"""Where a model came from, as keys inside its GGUF file, which travel with it through every quantization."""

from dataclasses import dataclass, fields
from pathlib import Path

import slingshot
from slingshot.files import sha256_of_file, sha256_of_text
from slingshot.gguf.header import read_gguf
from slingshot.models.base_model import WHEEL
from slingshot.training.base_record import read_base_record
from slingshot.wheels import PINNED, unpacked_folder


@dataclass(frozen=True)
class About:
    """Where a model came from; None is unknown, and no key of the file.

    Attributes:
        base: the base model's name.
        licence: the licence that the base model states, such as `apache-2.0`.
        base_sha256: of the base model's weights; of several files, of the list of their hashes.
        adapter_sha256: of the adapter's weights.
        dataset_sha256: of the rows it was trained on.
    """

    base: str | None = None
    licence: str | None = None
    base_sha256: str | None = None
    adapter_sha256: str | None = None
    dataset_sha256: str | None = None


_KEYS = {
    "base": "general.base_model.0.name",
    "licence": "general.license",
    "base_sha256": "slingshot.base_sha256",
    "adapter_sha256": "slingshot.adapter_sha256",
    "dataset_sha256": "slingshot.dataset_sha256",
}


def metadata_of(about: About) -> dict[str, str | int]:
    """The keys of a GGUF file that say it, with the version of this program."""
    keys: dict[str, str | int] = {"slingshot.version": slingshot.__version__}
    if about.base:
        keys["general.base_model.count"] = 1
    for field in fields(about):
        if value := getattr(about, field.name):
            keys[_KEYS[field.name]] = value
    return keys


def read_about(file: Path) -> About:
    """What a GGUF file says on where it came from, whoever wrote it.

    Raises:
        RequestError: it is no GGUF file.
        SlingshotError: it is damaged.
    """
    metadata = read_gguf(file).metadata
    return About(**{name: str(metadata[key]) for name, key in _KEYS.items() if key in metadata})


def about_model(model: Path) -> About:
    """What the files of a Hugging Face folder say: the record of its training, and the rows of the run that it is in.

    Raises:
        RequestError: the record is none.
    """
    record = read_base_record(model)
    if record is None:
        return About()
    of_run = (model.parent / "manifests" / "merge.json").is_file()  # whose rows lie beside, in `dataset/`
    rows = model.parent / "dataset" / "train.jsonl"
    return About(
        base=_without_folders(record.base_model),
        licence=stated_licence(record.base_model),
        base_sha256=_one_hash(record.weights),
        adapter_sha256=record.adapter.get("adapter_model.safetensors"),
        dataset_sha256=sha256_of_file(rows) if of_run and rows.is_file() else None,
    )


def _without_folders(name: str) -> str:
    """A base model's name as others may read it: of a path on this machine only its last part."""
    return Path(name).name if name.startswith(("/", "./", "../", "~")) or Path(name).exists() else name


def stated_licence(base: str) -> str | None:
    """The licence that a base model states, if it is a GGUF file or a wheel that was unpacked here; else unknown."""
    files = [Path(base).expanduser()]
    if base.startswith(WHEEL) and (wheel := PINNED.get(base.removeprefix(WHEEL))):
        files = sorted(unpacked_folder(wheel).rglob("*.gguf"))
    for file in files:
        if file.suffix == ".gguf" and file.is_file():
            return read_about(file).licence
    return None


def _one_hash(hashes: dict[str, str]) -> str | None:
    """The hash of the only file; of several the hash of the list, as `sha256sum` would print it."""
    if not hashes:
        return None
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    return sha256_of_text("".join(f"{sha256}  {name}\n" for name, sha256 in sorted(hashes.items())))
