"""The steps that measure both models: ask, judge, verdict."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from slingshot.benchmark.asking import ask_models
from slingshot.benchmark.subject import Options, Subject
from slingshot.benchmark.tally import Tally
from slingshot.errors import SlingshotError
from slingshot.files import sha256_of_file
from slingshot.manifest import Facts
from slingshot.models import serving
from slingshot.models.local import LocalModel
from slingshot.progress import Advance, bar
from slingshot.recordings.judging import forget_other_judges, judge_recordings
from slingshot.recordings.load import load_recordings
from slingshot.run.costs import cost_of_run
from slingshot.run.losses import read_losses
from slingshot.run.references import judged_otherwise, references_folder
from slingshot.run.state import REFERENCES, Run
from slingshot.verdict import (
    Evidence,
    Kind,
    ModelUnderTest,
    Sources,
    TrainingFacts,
    Verdict,
    folds_of_run,
    read_training_data,
    read_verdict,
    write_verdict,
)

if TYPE_CHECKING:  # its folds ask and judge with the steps of this module
    from slingshot.run.folds import DoneFolds


_KINDS: dict[str, Kind] = {"adapter": "adapter", "merged": "merged"}


def _benchmark_folder(run: Run) -> Path:
    return run.folder / "recordings" / "benchmark"


def ask_models_of(run: Run) -> None:
    """Ask base and tuned model, and other forms if the recipe names some, and record every answer."""
    folder, config, plan = _benchmark_folder(run), run.recipe.benchmark, run.plan
    hashes = run.manifests["gguf"]["facts"]["sha256"]

    def work() -> Facts:
        speeds = {}
        models = {role: LocalModel(path.stem, path, "gguf") for role, path in run.files.items()} | run.forms
        for role, model in models.items():
            log = run.folder / "logs" / f"server-{role}.log"
            options = {"port": config.port, "parallel": config.concurrency, "context": config.context}
            about = {"served": "local", "concurrency": config.concurrency} | _facts_of(
                model, run.recipe.quantization if role in run.files else role
            )
            with serving(model, log, **options) as endpoint, bar(f"answers of {model.name}") as advance:
                subject = Subject(model.name, endpoint, config.concurrency, about)
                (tally,) = ask_models(
                    [subject], [plan], run.asked, folder, Options(on_change=_show_in(advance))
                )
            if tally.missing:
                raise SlingshotError(
                    f"{model.name}: {tally.missing} of {tally.total} answers are missing ({tally.last_failure}); see"
                    f" {log}, then run again"
                )
            if tally.answered:
                speeds[role] = round(tally.tokens_per_second, 1)
        count = len(models) * len(plan.all_samples(""))
        return {"tokens_per_second": speeds, "summary": f"{count} answers in {folder}"}

    inputs = {"models": hashes, "suite": run.suite_hash, "prompts": run.recipe.prompts}
    inputs["benchmark"] = config.model_dump(exclude={"port"})
    run.step("ask", inputs, [folder], work)


def _facts_of(model: LocalModel, form: str) -> dict[str, Any]:
    """What is recorded of a model, in a form such as `Q5_K_M`, with every answer."""
    from slingshot.gguf import read_gguf

    facts: dict[str, Any] = {"model_sha256": model.file_sha256}
    if model.kind == "gguf":
        header = read_gguf(model.path)
        facts |= {"quantization": form, "file_bytes": model.path.stat().st_size}
        facts["bits_per_weight"] = header.bits_per_weight
    return facts


def _show_in(advance: Advance) -> Callable[[Sequence[Tally]], None]:
    """Move a bar as one model's tally grows."""

    def show(tallies: Sequence[Tally]) -> None:
        (tally,) = tallies
        advance(tally.done, tally.total, f"{tally.tokens_per_second:.0f} tokens/s")

    return show


def judge_answers(run: Run) -> None:
    """Judge the answers."""
    folder = _benchmark_folder(run)

    def work() -> Facts:
        with bar("judged") as advance:
            judge_recordings(folder, run.asked, run.by, run.recipe.judge.jobs, advance)
        frame = load_recordings(folder)
        return {"summary": f"{frame.height} answers judged, {frame['solved'].sum()} pass all unit tests"}

    inputs = {"after": run.manifests["ask"]["inputs"], "judge": run.by.description}
    forget_other_judges(folder, run.by)
    run.step("judge", inputs, [], work, traces=[folder])


def say_what_it_is_worth(run: Run, folds: "DoneFolds | None" = None) -> Verdict:
    """Write the verdict and its page, with what finished folds show."""
    hashes = run.manifests["gguf"]["facts"]["sha256"]
    speeds = run.manifests["ask"]["facts"]["tokens_per_second"]
    trained = run.manifests["train"]["facts"]

    def work() -> Facts:
        frame, otherwise = load_recordings(_benchmark_folder(run)), judged_otherwise(run)
        if otherwise:
            frame = pl.concat([frame, load_recordings(references_folder(run))])
        kinds: dict[str, Any] = {"base": "base", "tuned": "gguf"}
        losses = read_losses(run.folder)
        models = [
            ModelUnderTest(path.stem, kinds[role], hashes[role], speeds.get(role), losses.get(role))
            for role, path in run.files.items()
        ]
        models += [
            ModelUnderTest(model.name, _KINDS.get(form, "gguf"), model.file_sha256, speeds.get(form))
            for form, model in run.forms.items()
        ]
        models += [ModelUnderTest(name, "recorded") for name in run.recipe.references]
        data = read_training_data(run.folder / "dataset", run.suite, run.held_out)
        verdict = Evidence(
            frame,
            models,
            run.seen,
            [test_case.name for test_case in run.variants],
            run.held_out,
            data,
            TrainingFacts(**{key: trained[key] for key in TrainingFacts.model_fields}),
            cost_of_run(run, folds),
            folds.pooled(frame) if folds else None,
            {test_case.name: test_case.variant_of for test_case in run.variants},
            otherwise,
        ).verdict()
        sources = Sources(data.rows, run.asked, folds_of_run(run.folder, verdict.folds))
        written = write_verdict(verdict, frame, run.folder, sources)
        hashes_of_written = {"verdict.json": sha256_of_file(run.folder / "verdict.json")}
        return {"files": hashes_of_written, "summary": "\n  ".join(str(path) for path in written)}

    steps = ("dataset", "train", "judge", "losses", *([REFERENCES] if run.recipe.references else []))
    after = [run.manifests[name]["inputs"] for name in steps]
    inputs = {"after": after, "cost": run.recipe.cost.model_dump()}
    if folds:
        inputs["folds"] = {name: fold["facts"]["answers"] for name, fold in folds.manifests.items()}
    run.step("verdict", inputs, [run.folder / "verdict.json", run.folder / "report.html"], work)
    return read_verdict(run.folder / "verdict.json")
