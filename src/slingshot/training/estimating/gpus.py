"""Foreseeing a training on a graphics processor that is not here: from published figures and one assumption."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from slingshot.errors import RequestError, suggest
from slingshot.training.config import TrainingConfig
from slingshot.training.estimating.resources import ModelSize, foresee
from slingshot.training.estimating.workload import Workload
from slingshot.training.rows.encoding import EncodedRow
from slingshot.yaml_files import read_yaml

ASSUMED_SHARE = 0.3
"""Share of the published peak that training is taken to reach: an assumption, usual for models of billions of
parameters and generous to small ones, whose matrices do not fill such a processor."""

_CONTEXT = 1 << 30  # what the driver and its libraries take for themselves


class Gpu(BaseModel):
    """A graphics processor in numbers, each with where it comes from; None is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="what --on calls it")
    title: str = Field(description="what its maker calls it")
    memory_gb: float = Field(gt=0, description="its memory in 10^9 bytes")
    tflops: float = Field(gt=0, description="dense 16-bit products, 10^12 operations a second")
    tflops_source: str = Field(description="the maker's document")
    usd_per_hour: float | None = Field(description="rent of an hour")
    price_source: str | None = Field(description="where and when it was read")


class GpuTable(BaseModel):
    """All processors that are known, and the day on which their figures were looked up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checked: date
    gpus: list[Gpu]


@dataclass(frozen=True)
class OnGpu:
    """A training foreseen on a graphics processor: a prediction from published figures, nothing measured.

    `share` of the published peak is assumed; `memory` is in bytes; `dollars` are None without a price.
    """

    gpu: Gpu
    seconds: float
    share: float
    memory: int
    fits: bool
    dollars: float | None


def known_gpus() -> GpuTable:
    """The table that ships."""
    table, _ = read_yaml(
        Path(str(files("slingshot"))) / "training" / "estimating" / "gpus.yml", GpuTable, "a table of GPUs"
    )
    return table


def gpus_named(names: Sequence[str]) -> list[Gpu]:
    """Processors by name; case and spaces do not matter.

    Raises:
        RequestError: one is unknown.
    """
    known = {gpu.name: gpu for gpu in known_gpus().gpus}
    found = []
    for name in names:
        plain = "".join(name.split()).upper()
        if plain not in known:
            raise RequestError(
                f"--on {name}: no such GPU is in the table{suggest(plain, known)}; it has {', '.join(known)}"
            )
        found.append(known[plain])
    return found


def foresee_on(
    gpu: Gpu, work: Workload, size: ModelSize, base: Path, rows: Sequence[EncodedRow], config: TrainingConfig
) -> OnGpu:
    """Foresee the steps alone: 4 operations for each parameter and token beside frozen weights, 6 in full.

    Loading, validation and writing are left out; weights are taken to lie in 16 bits.
    """
    operations = (6 if config.adapter is None else 4) * size.parameters * work.tokens
    seconds = operations / (ASSUMED_SHARE * gpu.tflops * 1e12)
    needs = foresee(base, rows, config.model_copy(update={"bf16": True}))
    memory = _CONTEXT + needs.weights + needs.trained + needs.activations
    price = gpu.usd_per_hour
    return OnGpu(
        gpu,
        seconds,
        ASSUMED_SHARE,
        memory,
        memory <= gpu.memory_gb * 1e9,
        None if price is None else seconds / 3600 * price,
    )
