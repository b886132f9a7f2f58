"""What was answered and what it is worth: `dataset build` and `verdict`."""

from pathlib import Path
from typing import Annotated

import typer

from slingshot.cli.loop import show_verdict
from slingshot.cli.options import (
    Format,
    listed_names,
)
from slingshot.errors import RequestError, suggest
from slingshot.progress import say


def dataset_build(
    recordings: Annotated[Path, typer.Argument(help="folder of judged recordings")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    hold_out: Annotated[str, typer.Option(help="test cases never to train on, with commas")] = "",
    per_task: Annotated[int, typer.Option(help="rows per test case at most")] = 50,
    minimum_score: Annotated[float, typer.Option(help="lowest score that qualifies")] = 100.0,
) -> None:
    """Choose distinct rows of full score, balanced over test cases."""
    import polars as pl

    from slingshot.dataset import Selection, build_dataset
    from slingshot.recordings.files import ONE_SHOT
    from slingshot.recordings.load import load_recordings

    # Corrections are conversations of several rounds; what is learnt is to answer at once.
    frame = load_recordings(recordings).filter(pl.col("strategy") == ONE_SHOT)
    known = frame["test_case"].unique().to_list()
    for name in listed_names(hold_out):
        if name not in known:  # a typing error here would train on what must stay unseen
            raise RequestError(
                f"--hold-out: no recordings of {name} below {recordings}{suggest(name, known)}"
            )
    rows = build_dataset(frame, recordings, Selection(listed_names(hold_out), per_task, minimum_score), out)
    say(f"Wrote {len(rows)} rows to {out / 'train.jsonl'} and the card {out / 'dataset.json'}.")
    say(f"Next: slingshot train CONFIG.yml --dataset {out / 'train.jsonl'} --base … --out adapter")


def verdict(
    recordings: Annotated[Path, typer.Option(help="folder of judged recordings")],
    base: Annotated[str, typer.Option(help="the base model's name in the recordings")],
    tuned: Annotated[str, typer.Option(help="the tuned model's name in the recordings")],
    held_out: Annotated[str, typer.Option(help="test cases never trained on, with commas")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    training_data: Annotated[Path | None, typer.Option(help="train.jsonl, to measure memorization")] = None,
    output: Format = "table",
) -> None:
    """Say what recordings allow to be claimed: on seen and on held-out test cases."""
    from slingshot.dataset import read_rows
    from slingshot.judge import extract_code
    from slingshot.recordings.load import load_recordings, plain_benchmark
    from slingshot.verdict import CostFacts, ModelUnderTest, TrainingFacts, build_verdict, write_verdict

    everything = load_recordings(recordings)
    frame = plain_benchmark(everything)
    if left_out := everything.height - frame.height:
        say(f"Left out: {left_out} answers of corrections and experiments, which do not compare with others.")
    names = sorted(frame["test_case"].unique())
    outside = listed_names(held_out)
    if unknown := sorted(set(outside) - set(names)):
        raise RequestError(f"--held-out: no recordings of {', '.join(unknown)} below {recordings}")
    seen = [name for name in names if name not in outside]
    answers = [row.answer for row in read_rows(training_data)] if training_data else []
    models = [ModelUnderTest(base, "base"), ModelUnderTest(tuned, "gguf")]
    found = build_verdict(
        frame, models, seen, outside, answers, TrainingFacts(), CostFacts(), extract=extract_code
    )
    written = write_verdict(found, frame, out)
    show_verdict(found, output)
    say("Wrote " + ", ".join(str(path) for path in written))
