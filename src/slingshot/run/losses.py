"""The step that measures how likely base and tuned model find answers trained on, and right ones never trained on."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from slingshot.dataset import REJUDGED_FILE, read_rows
from slingshot.dataset.licences import licence_of, read_licences
from slingshot.dataset.selecting.candidates import comparable
from slingshot.dataset.selecting.rejudge import rejudged
from slingshot.files import write_json
from slingshot.judge import extract_code
from slingshot.manifest import Facts
from slingshot.recordings.load import read_recordings
from slingshot.run.state import Run
from slingshot.verdict import LossGap

LOSSES = "losses.json"


def measure_losses_of_answers(run: Run, base: Path, recipe_folder: Path) -> None:
    """Measure the losses of both models, before quantization, and keep them in `losses.json`."""
    out, dataset = run.folder / LOSSES, run.folder / "dataset"

    def work() -> Facts:
        from slingshot.training.config import DatasetEntry
        from slingshot.verdict.answer_pairs import pair_answers
        from slingshot.verdict.measuring_losses import LEAST_PAIRS, gaps, measure_losses

        rows = read_rows(dataset / "train.jsonl")
        pairs = pair_answers(rows, _dataset_recordings(run, recipe_folder), extract_code)
        entry = DatasetEntry(path=str(dataset), type="sharegpt")
        config = run.recipe.training.model_copy(update={"datasets": [entry]})
        models = {"base": base, "tuned": run.folder / "merged"}
        measured = (
            measure_losses(pairs, models, config, base, run.folder) if len(pairs) >= LEAST_PAIRS else []
        )
        found = gaps(measured)
        reason = None
        if not found:
            reason = (
                f"{len(measured or pairs)} right answers that were not trained on answer the prompts of the dataset, and "
                f"{LEAST_PAIRS} are needed; give the dataset more recordings than it chooses"
            )
        content = {role: gap.model_dump() for role, gap in found.items()}
        write_json(out, {"models": content, "reason": reason, "pairs": [asdict(one) for one in measured]})
        aucs = ", ".join(f"{gap.auc:.2f} {role}" for role, gap in found.items())
        words = f"{len(measured)} pairs of answers, AUC {aucs}" if found else f"not measured: {reason}"
        return {"summary": words}

    inputs = {"dataset": run.manifests["dataset"]["inputs"], "training": run.manifests["train"]["inputs"]}
    run.step("losses", {**inputs, "merged": run.manifests["merge"]["inputs"]}, [out], work)


def read_losses(run: Path) -> Mapping[str, LossGap]:
    """What a run's folder knows of its models' losses, by role; nothing where they were not measured."""
    if not (run / LOSSES).exists():
        return {}
    content: dict[str, Any] = json.loads((run / LOSSES).read_text(encoding="utf-8"))
    return {role: LossGap.model_validate(gap) for role, gap in content["models"].items()}


def _dataset_recordings(run: Run, recipe_folder: Path) -> pl.DataFrame:
    """What the dataset step could choose from, with the scores by which it chose."""
    config = run.recipe.dataset
    named = [recipe_folder / name for name in run.recipe.sources]
    frame = read_recordings(named or run.folder / "recordings" / "solutions").frame
    frame = frame.filter(pl.col("test_case").is_in(run.seen))
    licences = read_licences(recipe_folder / config.licence_table) if config.licence_table else ()
    terms = {model: licence_of(model, licences).training for model in frame["model"].unique()}
    frame = comparable(frame, config, terms).frame
    if not config.rejudge:
        return frame
    return rejudged(frame, run.suite, run.by, run.folder / "dataset" / REJUDGED_FILE, run.recipe.judge.jobs)
