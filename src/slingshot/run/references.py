"""Reference models: others whose recorded answers to the very same messages are judged again, as ours are judged.

Scores depend on the judge: with the public leaderboard's quoting bug an answer with a docstring fails, without it
the answer passes. So recorded answers are judged by the judge that judged the run's own, in its mode. Then all of
them, the run's own too, are judged once more in the other mode; and what was recorded is shown beside both.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from slingshot.dataset.selecting.recorded import conversation_of
from slingshot.dataset.selecting.rejudge import rejudged
from slingshot.errors import RequestError, suggest
from slingshot.files import write_bytes
from slingshot.judge import Mode
from slingshot.manifest import Facts
from slingshot.progress import Advance, bar, say
from slingshot.recordings.files import hash_of_messages
from slingshot.recordings.judging import forget_other_judges, judge_recordings
from slingshot.recordings.load import load_recordings, plain_benchmark, read_recordings
from slingshot.recordings.packed import file_content
from slingshot.run.state import REFERENCES, Run
from slingshot.verdict import Otherwise

_OTHER: dict[Mode, Mode] = {"default": "leaderboard", "leaderboard": "default"}


def judge_references(run: Run) -> None:
    """Copy the references' answers to what the run asks, judge them, and all answers in the other mode too.

    Raises:
        RequestError: a reference is in no recording, or has no answer to these messages.
        HarnessError: the judge itself failed.
    """
    if not run.recipe.references:
        return
    folder, jobs = references_folder(run), run.recipe.judge.jobs
    recorded = _recorded(run)

    def work() -> Facts:
        for recording in recorded.iter_rows(named=True):
            _copy(recording, folder)
        with bar("judged") as advance:
            judge_recordings(folder, run.asked, run.by, jobs, advance, others_too=True)
        with bar("judged in the other mode") as advance:
            frame = _in_other_mode(run, jobs, advance)
        again = load_recordings(folder)
        words = f"{again.height} recorded answers judged again, {again['solved'].sum()} pass all unit tests"
        return {"summary": f"{words}; {frame.height} judged in mode {_OTHER[run.by.mode]} too"}

    inputs = {
        "recorded": sorted(
            zip(recorded["prompt_hash"], recorded["timestamp"], recorded["model"], strict=True)
        ),
        "judge": run.by.description,
        "suite": run.suite_hash,
        "after": run.manifests["judge"]["inputs"],
    }
    forget_other_judges(folder, run.by)
    run.step(REFERENCES, inputs, [folder, _store(run)], work, traces=[folder])


def judgements_of_references(run: Run) -> int:
    """How many answers the step has to judge: the references' in both modes, and the run's own in the other."""
    if not run.recipe.references:
        return 0
    models = 2 + len(run.recipe.benchmark.forms)
    return 2 * _recorded(run, quiet=True).height + models * len(run.plan.all_samples(""))


def references_folder(run: Run) -> Path:
    """Where the references' answers lie, as they were judged here."""
    return run.folder / "recordings" / "references"


def judged_otherwise(run: Run) -> Otherwise | None:
    """All answers of the run and of its references in the other mode, and the references' as they were recorded."""
    if not run.recipe.references:
        return None
    return Otherwise(
        _OTHER[run.by.mode], _in_other_mode(run, run.recipe.judge.jobs), _recorded(run, quiet=True)
    )


def _recorded(run: Run, quiet: bool = False) -> pl.DataFrame:
    """The references' recorded answers to the messages that the run asks, as they were recorded.

    Raises:
        RequestError: a reference is in no recording, or has no answer to these messages.
    """
    assert run.recorded  # a recipe with references names recordings
    frame = plain_benchmark(read_recordings(run.recorded).frame)
    known = set(frame["model"])
    asked = pl.DataFrame(
        [(*cell, hash_of_messages(messages)) for cell, messages in run.plan.questions.items()],
        schema=["test_case", "prompt_label", "asked"],
        orient="row",
    )
    frame = frame.filter(pl.col("model").is_in(run.recipe.references)).join(
        asked, on=["test_case", "prompt_label"], maintain_order="left"
    )
    alike = frame.filter(pl.col("prompt_hash") == pl.col("asked")).drop("asked")
    for name in run.recipe.references:
        if name not in known:
            raise RequestError(f"references: no recordings of {name}{suggest(name, known)}")
        if name not in set(alike["model"]):
            raise RequestError(
                f"references: {name} was never asked what this run asks; name another model, or other prompts"
            )
    if (unlike := frame.height - alike.height) and not quiet:
        say(f"  left out: {unlike} recorded answers of references to other messages than ours")
    return alike


def _copy(recording: Mapping[str, Any], folder: Path) -> None:
    """Copy one recording, whole files, unless it is there."""
    out = folder / recording["test_case"] / recording["model"]
    for path in (conversation_of(recording["path"]), Path(recording["path"])):
        if not (out / path.name).exists():
            write_bytes(out / path.name, file_content(path))


def _in_other_mode(
    run: Run, jobs: int | None, advance: Advance = lambda done, total, words="": None
) -> pl.DataFrame:
    """All answers, the run's own and the references', as the other mode judges them.

    The public leaderboard changed its rules in August 2024: here those of the references' last day hold for all.
    """
    ours = load_recordings(run.folder / "recordings" / "benchmark")
    theirs = load_recordings(references_folder(run))
    day = theirs["timestamp"].max()
    by = replace(run.by, mode=_OTHER[run.by.mode])
    frame = pl.concat([ours, theirs]).with_columns(timestamp=pl.lit(day))
    return rejudged(frame, run.asked, by, _store(run), jobs, advance)


def _store(run: Run) -> Path:
    return run.folder / "recordings" / "other-mode.jsonl"
