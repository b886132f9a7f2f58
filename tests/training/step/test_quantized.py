"""Frozen weights in 8 or 4 bits: the adapter beside them learns, and the loss is nearly that of whole weights."""

import pytest

from slingshot.training.config import TrainingConfig
from slingshot.training.course.journal import METRICS, read_metrics
from slingshot.training.loop import train

SETTINGS = {"adapter": "lora", "learning_rate": 0.005, "num_epochs": 4, "save_strategy": "no", "bf16": False}


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")  # bitsandbytes' own
@pytest.mark.parametrize(("key", "near"), [("load_in_8bit", 0.01), ("load_in_4bit", 0.05)])
def test_quantized_weights_lose_nearly_what_whole_ones_lose(tiny_base, tiny_rows, tmp_path, key, near):
    pytest.importorskip("bitsandbytes", reason="bitsandbytes is not installed: pip install '.[quantized]'")
    for name, settings in (("whole", {}), ("few", {key: True})):
        train(tiny_rows, tiny_base, tmp_path / name, TrainingConfig(**SETTINGS, **settings))
    whole, few = (
        [step.loss for step in read_metrics(tmp_path / name / METRICS)] for name in ("whole", "few")
    )
    assert few == pytest.approx(whole, abs=near) and few != whole
    assert few[-1] < few[0] - 0.3
