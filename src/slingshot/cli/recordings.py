"""What recordings are worth: `verdict`."""

from pathlib import Path
from typing import Annotated

import typer

from slingshot.cli.loop import show_verdict
from slingshot.cli.options import (
    Format,
    listed_names,
)
from slingshot.errors import RequestError
from slingshot.progress import say


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
