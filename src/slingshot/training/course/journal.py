"""What a training leaves for others to see while it runs: metrics.jsonl, a line a step, and the trackers."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from slingshot.files import readable_disk_errors, write_text
from slingshot.training.config import TrainingConfig
from slingshot.training.course.metrics import Step
from slingshot.training.course.trackers import Tracker, open_trackers

METRICS = "metrics.jsonl"


@dataclass(frozen=True)
class Journal:
    """Where steps are put down."""

    file: Path
    trackers: Sequence[Tracker]
    every: int

    def add(self, step: Step) -> None:
        """Put down a step: in the file always, at the trackers every `logging_steps` and with validations."""
        with readable_disk_errors(self.file), self.file.open("a", encoding="utf-8") as file:
            file.write(_line(step))
        if step.step % self.every == 0 or step.validation_loss is not None:
            for tracker in self.trackers:
                tracker.log(_values(step), step.step)

    def finish(self) -> None:
        """End the runs at the trackers."""
        for tracker in self.trackers:
            tracker.finish()


def begin_journal(out: Path, config: TrainingConfig, log: Sequence[Step]) -> Journal:
    """Begin with the steps that a checkpoint had seen; what a killed training wrote beyond them is forgotten.

    Raises:
        MissingTool: a tracker's package is not installed.
        SlingshotError: the file may not be written.
    """
    write_text(out / METRICS, "".join(map(_line, log)))
    return Journal(out / METRICS, open_trackers(config, out), config.logging_steps)


def read_metrics(path: Path) -> list[Step]:
    """The steps in a metrics file; a last line that a kill cut short is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [Step(**json.loads(line)) for line in lines if line.endswith("\n")]


def _line(step: Step) -> str:
    """A step as a line of JSON; what was not measured is left out."""
    return json.dumps({key: value for key, value in asdict(step).items() if value is not None}) + "\n"


def _values(step: Step) -> dict[str, float]:
    """What trackers show of a step."""
    values = {
        "loss": step.loss,
        "validation_loss": step.validation_loss,
        "memorization": step.memorization,
        "learning_rate": step.learning_rate,
        "gradient_norm": step.gradient_norm,
        "epoch": step.epoch,
        "tokens_per_second": step.tokens / step.seconds,
        "supervised_tokens_per_second": step.supervised / step.seconds,
        "share_of_peak": step.share_of_peak,
    }
    return {name: value for name, value in values.items() if value is not None}
