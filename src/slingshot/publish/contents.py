"""What is published of a run: files as they are, and an adapter that names no path of the machine that trained it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import sha256_of_file, sha256_of_text
from slingshot.gguf import WHOLE, GgufFile, read_about, read_gguf
from slingshot.models.base_model import TEMPLATE_FILE
from slingshot.publish.base import BaseModel, describe_base
from slingshot.publish.finished import FinishedRun
from slingshot.training.base_record import RECORD_FILE, check_unchanged, read_base_record

Part = Literal["gguf", "f16", "adapter", "merged"]
PARTS: dict[Part, str] = {
    "gguf": "the GGUF file that was measured, and other quantized ones",
    "f16": "GGUF files that are not quantized",
    "adapter": "the LoRA adapter as peft has it",
    "merged": "the whole model as a Hugging Face folder",
}
WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True)
class Material:
    """What cards and notes are written from.

    Attributes:
        run: the run.
        base: its base model.
        files: what is published as it is, by its name in the publication.
        sha256: of each of those files, by the same names.
        gguf: the headers of the GGUF files among them, the measured one first.
        parity: the content of `parity.json`; None: whether the forms agree was not measured.
    """

    run: FinishedRun
    base: BaseModel
    files: Mapping[str, Path]
    sha256: Mapping[str, str]
    gguf: Sequence[GgufFile]
    parity: Mapping[str, Any] | None


def default_parts(run: FinishedRun) -> tuple[Part, ...]:
    """What is published unless something else is asked for: the measured file, and what was trained."""
    return ("gguf", "merged" if run.in_full else "adapter")


def collect(run: FinishedRun, parts: Sequence[Part]) -> Material:
    """Everything that is published of a run as it is, and what is known of it.

    Raises:
        RequestError: a part is not there.
        SlingshotError: the adapter, or a GGUF file made from it, is not that of the verdict.
    """
    check_unchanged(run.trained)
    base = describe_base(run)
    files = {"verdict.json": run.folder / "verdict.json"}
    files |= {f"licence/{file.name}": file for file in base.texts}
    files |= {f"charts/{file.name}": file for file in sorted((run.folder / "charts").glob("*.png"))}
    for part in parts:
        if part == "adapter" and run.in_full:
            raise RequestError(
                f"{run.folder}: all weights were trained, so there is no adapter in this run; name merged, "
                f"{PARTS['merged']}"
            )
        found = _files_of(run, part)
        if not found:
            raise RequestError(f"{run.folder}: there is no {part} in this run ({PARTS[part]}); leave it out")
        files |= found
    gguf = sorted((path for path in files.values() if path.suffix == ".gguf"), key=lambda path: path.name)
    gguf.sort(key=lambda path: path != run.measured_file)
    for path in gguf:
        _check_adapter(path, run)
    path = run.folder / "parity.json"
    return Material(
        run,
        base,
        files,
        {name: run.sha256.get(path) or sha256_of_file(path) for name, path in files.items()},
        [read_gguf(path) for path in gguf],
        json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None,
    )


def _files_of(run: FinishedRun, part: Part) -> dict[str, Path]:
    if part in ("gguf", "f16"):
        files = sorted((run.folder / "gguf").glob(f"{run.name}.*.gguf"))
        quantized = [file for file in files if file == run.measured_file or not _is_whole(file)]
        return {file.name: file for file in files if (file in quantized) == (part == "gguf")}
    if part == "merged":
        files = [file for file in sorted((run.folder / "merged").glob("*")) if file.is_file()]
        return {f"merged/{file.name}": file for file in files if file.name != RECORD_FILE}
    if not (run.trained / WEIGHTS).is_file():
        return {}
    files = [run.trained / name for name in (WEIGHTS, TEMPLATE_FILE)]
    return {f"adapter/{file.name}": file for file in files if file.is_file()}


def _is_whole(gguf: Path) -> bool:
    """Whether a GGUF file's name says that it is not quantized."""
    return any(gguf.name.endswith(f".{kind}.gguf") for kind in WHOLE)


def _check_adapter(gguf: Path, run: FinishedRun) -> None:
    """See that a GGUF file was made from the run's adapter, as far as the file says."""
    made_from, own = read_about(gguf).adapter_sha256, run.sha256.get(run.trained / WEIGHTS)
    if made_from and own and made_from != own:
        raise SlingshotError(
            f"{gguf}: it was made from another adapter than the run's; make it anew, or remove it"
        )


def adapter_texts(material: Material) -> dict[str, str]:
    """An adapter's configuration and record with the base's public name in the place of a path of this machine."""
    folder, name = material.run.trained, material.base.loaded_as
    if f"adapter/{WEIGHTS}" not in material.files:
        return {}
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = name
    texts = {"adapter/adapter_config.json": json.dumps(config, indent=2, ensure_ascii=False) + "\n"}
    if record := read_base_record(folder):
        own = {"adapter_config.json": sha256_of_text(texts["adapter/adapter_config.json"])}
        record = replace(record, base_model=name, adapter=record.adapter | own)
        texts[f"adapter/{RECORD_FILE}"] = json.dumps(asdict(record), indent=2, ensure_ascii=False) + "\n"
    return texts


def fallbacks(material: Material) -> Sequence[tuple[str, str, str]]:
    """The measured file's tensors of another type than asked: (tensor, wanted, got)."""
    return [(name, wanted, got) for name, wanted, got in material.run.facts("gguf").get("fallbacks", [])]
