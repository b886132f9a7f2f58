"""What a run or recordings are worth: `verdict`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slingshot.cli.loop import show_verdict
from slingshot.cli.options import Format, listed_names
from slingshot.errors import RequestError
from slingshot.progress import say

if TYPE_CHECKING:
    import polars as pl


def verdict(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="folder of a finished run, such as runs/quickstart")
    ] = None,
    recordings: Annotated[
        list[Path] | None, typer.Option(metavar="DIR", help="folder of judged recordings; may be repeated")
    ] = None,
    base: Annotated[str | None, typer.Option(help="the base model's name in the recordings")] = None,
    tuned: Annotated[list[str] | None, typer.Option(help="a tuned model's name; may be repeated")] = None,
    reference: Annotated[
        list[str] | None, typer.Option(help="another model to compare with; may be repeated")
    ] = None,
    seen: Annotated[
        str | None, typer.Option(help="test cases trained on, with commas [default: all that are not named]")
    ] = None,
    variant: Annotated[str, typer.Option(help="changed forms of those, with commas")] = "",
    held_out: Annotated[str, typer.Option(help="test cases never trained on, with commas")] = "",
    training_data: Annotated[
        Path | None, typer.Option(metavar="FILE", help="the rows trained on, to measure memorization")
    ] = None,
    suite: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="definitions that training rows must not show, and whose failed tests the page shows",
        ),
    ] = None,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="pass over broken recordings, instead of stopping there")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="folder to write verdict.json, page and charts into")
    ] = None,
    output: Format = "table",
) -> None:
    """Say what may be claimed, and what not: of a run, or of recordings made anywhere."""
    from slingshot.recordings.answers import recorded_suite
    from slingshot.suite import load_suite, with_variants
    from slingshot.verdict.evidence import (
        Names,
        check_common_cells,
        evidence_of_recordings,
        evidence_of_run,
    )
    from slingshot.verdict.folds import folds_of_run
    from slingshot.verdict.page import Sources
    from slingshot.verdict.write import write_verdict

    references, defined = reference or [], with_variants(load_suite(suite)) if suite else []
    frame = _loaded(recordings, lenient) if recordings else None
    if run:
        named = {
            "--base": base,
            "--tuned": tuned,
            "--seen": seen,
            "--variant": variant,
            "--held-out": held_out,
        }
        if given := [
            option for option, value in {**named, "--training-data": training_data}.items() if value
        ]:
            raise RequestError(f"{given[0]}: the run {run} says that itself; leave the option out")
        if bool(references) != bool(recordings):
            raise RequestError(
                "--reference and --recordings: beside a run they go together, models and where their answers are"
            )
        evidence = evidence_of_run(run, references, frame, defined)
    elif frame is None:
        raise RequestError("name a run's folder, or recordings with --recordings DIR")
    elif base is None or not tuned:
        missing = "--tuned" if base else "--base"
        raise RequestError(f"{missing}: missing; name the models to compare as the recordings name them")
    else:
        chosen = listed_names(seen) if seen is not None else None
        names = Names(base, tuned, references, chosen, listed_names(variant), listed_names(held_out))
        evidence = evidence_of_recordings(frame, names, training_data, defined)
        if names.variant and not defined and recordings:
            known = {form.name: form.variant_of for form in recorded_suite(recordings[0]) if form.variant_of}
            evidence = replace(evidence, plain_of=known)
    check_common_cells(evidence)
    found = evidence.verdict()
    written: list[Path] = []
    if out:
        cases = defined or recorded_suite(recordings[0] if recordings else Path(str(run)) / "recordings")
        rows = evidence.data.rows if evidence.data else []
        folds = folds_of_run(run, found.folds) if run else []
        written = write_verdict(found, evidence.recordings, out, Sources(rows, cases, folds))
    show_verdict(found, output)
    if written:
        say("Wrote " + ", ".join(str(path) for path in written))
        say(f"Next: open {written[1]} in a browser; {written[2]} is a block for a model card.")
    else:
        say("Next: the same with --out DIR writes verdict.json, a page and a block for a model card.")


def _loaded(folders: list[Path], lenient: bool) -> "pl.DataFrame":
    """The answers below some folders; what is broken or may not stand in one table is said."""
    from slingshot.leaderboard.wording import count_of
    from slingshot.recordings.load import plain_benchmark, read_recordings

    loaded = read_recordings(folders, strict=not lenient)
    for problem in loaded.problems:
        say(problem.sentence)
    if loaded.problems:
        say(f"Passed over {count_of(len(loaded.problems), 'broken recording')}, named above.")
    if loaded.waiting:
        say(
            f"Not judged yet: {count_of(loaded.waiting, 'answer')}; slingshot judge {' '.join(map(str, folders))}"
        )
    frame = plain_benchmark(loaded.frame)
    if left_out := loaded.frame.height - frame.height:
        say(
            f"Left out: {count_of(left_out, 'answer')} of corrections and experiments, which do not compare with others."
        )
    return frame
