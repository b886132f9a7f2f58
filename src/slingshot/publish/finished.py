"""A finished run, with every file that is published still the one that was measured."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import sha256_of_file
from slingshot.manifest import read_manifest
from slingshot.verdict import ModelVerdict, TrainingFacts, Verdict, read_verdict

STEPS = ("dataset", "base", "train", "merge", "gguf", "ask", "judge", "verdict")


@dataclass(frozen=True)
class FinishedRun:
    """A run whose verdict may be published.

    Attributes:
        folder: `runs/NAME`.
        verdict: the content of `verdict.json`.
        tuned: the model that the verdict is about.
        manifests: the content of every step's manifest.
        dataset: the content of `dataset/dataset.json`.
        sha256: of the files that were compared with what a manifest says.
    """

    folder: Path
    verdict: Verdict
    tuned: ModelVerdict
    manifests: Mapping[str, Mapping[str, Any]]
    dataset: Mapping[str, Any]
    sha256: Mapping[Path, str]

    def inputs(self, step: str) -> Mapping[str, Any]:
        """What a step was made from."""
        return self.manifests[step].get("inputs") or {}

    def facts(self, step: str) -> Mapping[str, Any]:
        """What a step found out."""
        return self.manifests[step].get("facts") or {}

    @property
    def in_full(self) -> bool:
        """Whether all weights were trained, so that there is a whole model and no adapter."""
        return self.inputs("train").get("training", {}).get("adapter", "unknown") is None

    @property
    def trained(self) -> Path:
        """The folder of what training left: an adapter, or a whole model."""
        return self.folder / ("trained" if self.in_full else "adapter")

    @property
    def name(self) -> str:
        """The tuned model's, without the type of a file."""
        return self.tuned.name.rpartition(".")[0] or self.tuned.name

    @property
    def measured_file(self) -> Path:
        """The GGUF file that was asked."""
        return self.folder / "gguf" / f"{self.tuned.name}.gguf"


def read_finished_run(folder: Path) -> FinishedRun:
    """Read the run in a folder, and compare its files with its manifests.

    Raises:
        RequestError: the folder is no run's, or the run is not finished or has no verdict.
        SlingshotError: a file is gone, or has changed since its step was finished.
    """
    if not (folder / "manifests").is_dir():
        raise RequestError(f"{folder}: no run's folder (it has no manifests); name one below runs/")
    again = "; run its recipe to the end"
    if not (folder / "verdict.json").is_file():
        raise RequestError(f"{folder}: it has no verdict.json, so nothing may be said of its model{again}")
    manifests = {step: read_manifest(folder / "manifests" / f"{step}.json") or {} for step in STEPS}
    begun = [path.name.removesuffix(".begun.json") for path in (folder / "manifests").glob("*.begun.json")]
    if unfinished := [*begun, *(step for step, content in manifests.items() if not content)]:
        raise RequestError(f"{folder}: its step {unfinished[0]} is not finished{again}")
    verdict = read_verdict(folder / "verdict.json")
    if verdict.tuned is None or verdict.tuned.file_sha256 is None:
        raise RequestError(f"{folder}: its verdict is about no file of a tuned model{again}")
    run = FinishedRun(folder, verdict, verdict.tuned, manifests, _dataset_card(folder), {})
    sha256: dict[Path, str] = {}
    for file, step, promised in _promises(run):
        if not file.is_file():
            raise SlingshotError(f"{file}: it is gone since the step {step}{again}")
        sha256[file] = sha256.get(file) or sha256_of_file(file)
        if sha256[file] != promised:
            raise SlingshotError(
                f"{file}: it has changed since the step {step} (its SHA-256 begins with {sha256[file][:12]}, and was"
                f" {promised[:12]}), so the verdict does not speak of it{again}"
            )
    facts = run.facts("train")
    trained = TrainingFacts(**{key: facts.get(key) for key in TrainingFacts.model_fields})
    if trained != verdict.training:
        raise SlingshotError(f"{folder}: it was trained again since its verdict{again}")
    return replace(run, sha256=sha256)


def _dataset_card(folder: Path) -> dict[str, Any]:
    path = folder / "dataset" / "dataset.json"
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise RequestError(f"{path}: no dataset's card; run the recipe to the end") from None
    return card


def _promises(run: FinishedRun) -> Iterator[tuple[Path, str, str]]:
    """The files that the verdict or a manifest knows, as far as they say: (file, step, its SHA-256 then)."""
    for step in STEPS:
        for name, sha256 in run.facts(step).get("files", {}).items():
            yield run.folder / name, step, sha256
    rows = run.folder / "dataset" / "train.jsonl"
    if sha256 := run.dataset.get("train_sha256"):
        yield rows, "dataset", sha256
    for sha256 in run.inputs("train").get("dataset", [])[:1]:
        yield rows, "train", sha256
    for name, sha256 in run.inputs("merge").items():
        if name.endswith(".safetensors"):
            yield run.trained / name, "merge", sha256
            if run.in_full:  # the same files again
                yield run.folder / "merged" / name, "merge", sha256
    yield run.measured_file, "gguf", run.facts("gguf").get("sha256", {}).get("tuned", run.tuned.file_sha256)
    yield run.measured_file, "verdict", str(run.tuned.file_sha256)
