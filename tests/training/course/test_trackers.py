"""Trackers get what metrics.jsonl has; one that is missing is named before anything begins."""

import importlib.util

import pytest

from slingshot.errors import MissingTool
from slingshot.training.config import TrainingConfig
from slingshot.training.course.journal import METRICS, read_metrics
from slingshot.training.loop import train

SETTINGS = {"num_epochs": 3, "micro_batch_size": 4, "save_strategy": "no", "bf16": False}
MISSING = "trackers are not installed: pip install '.[trackers]'"
TRACKERS = {
    "tensorboard": {"use_tensorboard": True},
    "wandb": {"wandb_project": "tiny", "wandb_name": "first", "wandb_mode": "offline"},
    "mlflow": {"mlflow_experiment_name": "tiny", "mlflow_run_name": "first"},
    "trackio": {"trackio_project_name": "tiny", "trackio_run_name": "first"},
}


@pytest.fixture
def trained(tiny_base, tiny_rows, tmp_path, monkeypatch):
    """Trains with a tracker, and gives the losses that should be there by step, with the folder."""
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")

    def run(tracker):
        place = {"mlflow_tracking_uri": (tmp_path / "mlruns").as_uri()} if tracker == "mlflow" else {}
        config = TrainingConfig(**SETTINGS, **TRACKERS[tracker], **place)
        train(tiny_rows[:5], tiny_base, tmp_path / "out", config, validation=tiny_rows[5:])
        return {step.step: step.loss for step in read_metrics(tmp_path / "out" / METRICS)}, tmp_path / "out"

    return run


@pytest.mark.parametrize("name", [name for name in TRACKERS if importlib.util.find_spec(name) is None])
def test_a_missing_package_is_named_and_nothing_is_trained(tiny_base, tiny_rows, tmp_path, name):
    config = TrainingConfig(**SETTINGS, **TRACKERS[name])
    with pytest.raises(MissingTool, match=f"use_{name}: the package {name} is not installed"):
        train(tiny_rows, tiny_base, tmp_path / "out", config)
    assert not (tmp_path / "out" / "training.json").exists()


def test_tensorboard_shows_the_losses(trained):
    pytest.importorskip("tensorboard", reason=MISSING)
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    losses, out = trained("tensorboard")
    events = EventAccumulator(str(out / "tensorboard")).Reload()
    shown = {event.step: event.value for event in events.Scalars("train/loss")}
    assert shown == pytest.approx(losses)
    assert len(events.Scalars("train/validation_loss")) == 3


def test_wandb_keeps_an_offline_run(trained):
    pytest.importorskip("wandb", reason=MISSING)
    _, out = trained("wandb")
    assert list((out / "wandb").glob("offline-run-*/*.wandb"))


def test_mlflow_has_the_losses(trained):
    mlflow = pytest.importorskip("mlflow", reason=MISSING)
    losses, _ = trained("mlflow")
    (run,) = mlflow.search_runs(experiment_names=["tiny"], output_format="list")
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")
    assert {metric.step: metric.value for metric in history} == pytest.approx(losses)
    assert run.info.run_name == "first"


def test_trackio_has_the_run(trained):
    trackio = pytest.importorskip("trackio", reason=MISSING)
    trained("trackio")
    (run,) = trackio.Api().runs("tiny")
    assert run.name == "first"
