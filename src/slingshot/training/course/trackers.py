"""Where metrics are logged beside the run's own file: TensorBoard, Weights & Biases, MLflow, Trackio.

Each package is imported only when it is asked for. A tracker is two functions: log values of a step, and finish.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.errors import MissingTool
from slingshot.training.config import TrainingConfig

Values = dict[str, float]


@dataclass(frozen=True)
class Tracker:
    """Something that shows metrics."""

    log: Callable[[Values, int], None]
    finish: Callable[[], None]


def open_trackers(config: TrainingConfig, out: Path) -> list[Tracker]:
    """Begin a run at every tracker that the configuration asks for.

    Raises:
        MissingTool: a tracker's package is not installed.
    """
    openers = {"tensorboard": _tensorboard, "wandb": _wandb, "mlflow": _mlflow, "trackio": _trackio}
    return [openers[name](module, config, out) for name, module in tracker_packages(config).items()]


def tracker_packages(config: TrainingConfig) -> dict[str, Any]:
    """The packages of all trackers that the configuration asks for, by name.

    Raises:
        MissingTool: one is not installed.
    """
    return {name: _import(name) for name in config.trackers}


def _import(name: str) -> Any:
    try:
        return importlib.import_module("torch.utils.tensorboard" if name == "tensorboard" else name)
    except ImportError:
        raise MissingTool(
            f"use_{name}: the package {name} is not installed; pip install {name}, or remove that key"
        ) from None


def _tensorboard(module: Any, config: TrainingConfig, out: Path) -> Tracker:
    writer = module.SummaryWriter(str(out / "tensorboard"))

    def log(values: Values, step: int) -> None:
        for name, value in values.items():
            writer.add_scalar(f"train/{name}", value, step)

    return Tracker(log, writer.close)


def _wandb(module: Any, config: TrainingConfig, out: Path) -> Tracker:
    run = module.init(
        project=config.wandb_project,
        entity=config.wandb_entity,
        name=config.wandb_name,
        id=config.wandb_run_id,
        mode=config.wandb_mode,
        resume="allow" if config.wandb_run_id else None,
        dir=str(out),
        config=config.model_dump(mode="json"),
    )
    return Tracker(lambda values, step: run.log(values, step=step), run.finish)


def _mlflow(module: Any, config: TrainingConfig, out: Path) -> Tracker:
    if config.mlflow_tracking_uri:
        module.set_tracking_uri(config.mlflow_tracking_uri)
    if config.mlflow_experiment_name:
        module.set_experiment(config.mlflow_experiment_name)
    module.start_run(run_name=config.mlflow_run_name)
    settings = {key: str(value)[:500] for key, value in config.model_dump(mode="json").items()}
    module.log_params(settings)
    return Tracker(lambda values, step: module.log_metrics(values, step=step), module.end_run)


def _trackio(module: Any, config: TrainingConfig, out: Path) -> Tracker:
    module.init(
        project=config.trackio_project_name or "slingshot",
        name=config.trackio_run_name,
        space_id=config.trackio_space_id,
        config=config.model_dump(mode="json"),
    )
    return Tracker(lambda values, step: module.log(values, step=step), module.finish)
